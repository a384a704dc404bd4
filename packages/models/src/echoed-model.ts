import { findModel } from './catalog.ts';

const DATED = /^-(?:\d{8}|\d{4}-\d{2}-\d{2})$/;

/**
 * Whether the model that answered is the one that was asked: the same id, an alias and its dated id in the catalogue, or the asked id
 * with a date behind it, which is how providers name what an alias stands for.
 */
export function isSameModel(asked: string, answered: string): boolean {
  if (asked === answered) return true;
  const known = findModel(asked);
  if (known !== null && known === findModel(answered)) return true;
  return answered.startsWith(asked) && DATED.test(answered.slice(asked.length));
}
