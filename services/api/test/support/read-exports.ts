import { parse } from 'csv-parse/sync';
import { parquetReadObjects } from 'hyparquet';

/** The rows of a CSV file with a header, as a program of somebody else reads them. */
export const readCsv = (text: string): Record<string, string>[] => parse(text, { columns: true });

/** The rows of a Parquet file, as a program of somebody else reads them. */
export const readParquet = (file: ArrayBuffer): Promise<Record<string, unknown>[]> => parquetReadObjects({ file });
