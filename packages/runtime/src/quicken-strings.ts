/** V8 looks at how a property is read after some reads; ten were enough. */
const READS = 100;

/**
 * Makes the methods of strings quick again after what was imported. A class that extends String, as ioredis has one, lets V8 keep
 * `String.prototype` as a dictionary, in which every `charCodeAt` or `slice` of the process is looked up: a loop over the characters of a text takes
 * five times as long. Properties that are read of a String object, not of a plain string, turn it back, and then it stays.
 */
export function quickenStrings(): void {
  const boxed = Object('string') as string;
  for (let read = 0; read < READS; read += 1) boxed.charCodeAt(read % boxed.length);
}
