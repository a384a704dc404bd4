import { type InputHTMLAttributes, type ReactElement, type ReactNode, useId } from 'react';

/** A control under its name. */
export function Field({
  label,
  className,
  children,
}: {
  label: ReactNode;
  className?: string | undefined;
  children: ReactNode;
}): ReactElement {
  return (
    <label className={className === undefined ? 'field' : `field ${className}`}>
      <span>{label}</span>
      {children}
    </label>
  );
}

type TextFieldProps = Omit<InputHTMLAttributes<HTMLInputElement>, 'className' | 'onChange' | 'value'> & {
  label: string;
  value: string;
  onText: (text: string) => void;
  /** what is wrong with it, said below it; null is nothing. Left out where nothing is checked as it is typed */
  fault?: string | null;
};

/** A line to type into. What else an input takes, such as `type` or `required`, goes to it as it is. */
export function TextField({ label, onText, fault, ...input }: TextFieldProps): ReactElement {
  const faultId = useId();
  const isWrong = typeof fault === 'string';
  const checked = fault === undefined ? {} : { 'aria-invalid': isWrong };
  return (
    <Field label={label}>
      <input
        className="input"
        {...input}
        {...checked}
        aria-describedby={isWrong ? faultId : undefined}
        onChange={({ target }) => onText(target.value)}
      />
      {isWrong && (
        <span className="field-fault" id={faultId}>
          {fault}
        </span>
      )}
    </Field>
  );
}

/** One of some. A choice that is none of them, from an old link, stands there as it is. */
export function SelectField<Option extends string>({
  label,
  className,
  value = '',
  options,
  nameOf = (option) => option,
  none,
  onChoose,
}: {
  label: string;
  className?: string;
  value: string | undefined;
  options: readonly Option[];
  nameOf?: (option: Option) => string;
  /** the name of choosing nothing; without it, one is always chosen */
  none?: string | undefined;
  onChoose: (option: string | undefined) => void;
}): ReactElement {
  return (
    <Field label={label} className={className}>
      <select className="input" value={value} onChange={({ target }) => onChoose(target.value || undefined)}>
        {none !== undefined && <option value="">{none}</option>}
        {value !== '' && !options.some((option) => option === value) && <option value={value}>{value}</option>}
        {options.map((option) => (
          <option key={option} value={option}>
            {nameOf(option)}
          </option>
        ))}
      </select>
    </Field>
  );
}
