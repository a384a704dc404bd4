const decoder = new TextDecoder('utf-8', { fatal: true });

/** The text of some bytes; null where they are no UTF-8: a decoder that is kind would put a mark in place of what somebody wrote. */
export function readUtf8(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}

/** The number of the first line, from 1, that is no UTF-8; 1 where all are. */
export function findBadLine(bytes: Uint8Array): number {
  let [start, line] = [0, 1];
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
    if (readUtf8(bytes.subarray(start, end)) === null) return line;
    [start, line] = [end + 1, line + 1];
  }
  return readUtf8(bytes.subarray(start)) === null ? line : 1;
}
