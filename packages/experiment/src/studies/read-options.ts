import { CrosscheckError, findJsonFault, type JsonSchema, parseModelRef } from '@crosscheck/contracts';

/**
 * The options of a study as a sweep gives them, over its defaults.
 *
 * @throws CrosscheckError SWEEP_INVALID naming the option that is not understood, MODEL_UNKNOWN for a judge that names no model
 */
export function readStudyOptions<Options extends { judge: string }>(
  study: string,
  { schema, defaults, given }: { schema: JsonSchema; defaults: Options; given: Readonly<Record<string, unknown>> },
): Options {
  for (const [name, value] of Object.entries(given)) {
    const fault = findJsonFault(schema, { [name]: value });
    if (fault === null) continue;
    throw new CrosscheckError(
      'SWEEP_INVALID',
      `The study ${study} does not understand its option "${name}": ${fault}.`,
      {
        field: `options.${name}`,
        got: value,
        expected: expectedOf(schema, name),
      },
    );
  }
  const options: Options = { ...defaults, ...given };
  if (parseModelRef(options.judge) !== null) return options;
  throw new CrosscheckError('MODEL_UNKNOWN', `"${options.judge}" does not name a model.`, {
    field: 'options.judge',
    got: options.judge,
    expected: 'provider/model',
  });
}

function expectedOf(schema: JsonSchema, name: string): string {
  const properties = schema['properties'] as Record<string, { description?: string; items?: { enum: string[] } }>;
  const option = Object.hasOwn(properties, name) ? properties[name] : undefined;
  if (option === undefined) return `one of ${Object.keys(properties).join(', ')}`;
  const words = option.items === undefined ? '' : `, any of ${option.items.enum.join(', ')}`;
  return `${option.description ?? ''}${words}`;
}
