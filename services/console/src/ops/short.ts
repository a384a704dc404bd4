const UNITS = [
  { size: 1e9, unit: 'G' },
  { size: 1e6, unit: 'M' },
  { size: 1e3, unit: 'k' },
];

/** A number in three digits, for places where the size counts: `950`, `1.2 k`, `48 M`. */
export function short(value: number): string {
  const { size, unit } = UNITS.find((one) => value >= one.size * 0.9995) ?? { size: 1, unit: '' };
  const scaled = value / size;
  const text = unit === '' || scaled >= 99.95 ? String(Math.round(scaled)) : scaled.toFixed(1).replace(/\.0$/, '');
  return unit === '' ? text : `${text}\u00a0${unit}`;
}

/** `1.5 GB` */
export const bytes = (value: number): string => `${short(value)}${value >= 999.5 ? '' : '\u00a0'}B`;
