import { type ReactElement, useState } from 'react';
import { TextField } from '../ui/field.tsx';
import { faultOf, isNone, type NumberField, numberOf, textOf } from './numbers.ts';

type Values<Name extends string> = { readonly [One in Name]?: number | null | undefined };
export type Typed<Name extends string> = {
  fields: readonly NumberField<Name>[];
  texts: Record<Name, string>;
  write: (name: Name, text: string) => void;
  /** null is none */
  values: Record<Name, number | null>;
  /** by name, as the api would refuse it; null is nothing */
  faults: Record<Name, string | null>;
  hasFault: boolean;
  /** the fields that differ from what was, each in words */
  changes: { name: Name; said: string }[];
};

/** Numbers as they are typed: checked at once, and held against what they were. */
export function useNumbers<Name extends string>(
  fields: readonly NumberField<Name>[],
  before: Values<Name>,
): Typed<Name> {
  const by = <Value,>(pick: (field: NumberField<Name>) => Value) =>
    Object.fromEntries(fields.map((field) => [field.name, pick(field)])) as Record<Name, Value>;
  const [texts, setTexts] = useState(() => by(({ name }) => textOf(before[name])));
  const values = by(({ name }) => numberOf(texts[name]));
  const faults = by((field) => faultOf(values[field.name], field));
  return {
    fields,
    texts,
    write: (name, text) => setTexts((earlier) => ({ ...earlier, [name]: text })),
    values,
    faults,
    hasFault: fields.some(({ name }) => faults[name] !== null),
    changes: fields
      .filter(({ name }) => (before[name] ?? null) !== values[name])
      .map(({ name, label }) => ({ name, said: `${label}: ${say(before[name])} → ${say(values[name])}` })),
  };
}

/** The fields, each with what is wrong with it. @param none what stands in an empty one */
export function NumberFields<Name extends string>({
  typed: { fields, texts, write, faults },
  none,
}: {
  typed: Typed<Name>;
  none: string;
}): ReactElement {
  return (
    <div className="limits">
      {fields.map(({ name, label, isNeeded = false }) => (
        <TextField
          key={name}
          label={label}
          inputMode="numeric"
          placeholder={isNeeded ? undefined : none}
          value={texts[name]}
          fault={faults[name]}
          onText={(text) => write(name, text)}
        />
      ))}
    </div>
  );
}

/** What would change, before it is done. */
export function Changes({ changes }: { changes: readonly string[] }): ReactElement {
  return (
    <p className="small" role="status">
      {changes.length === 0 ? 'Nothing changes yet.' : changes.join('; ')}
    </p>
  );
}

const say = (value: number | null | undefined): string => (isNone(value) ? 'none' : textOf(value));
