import { type FormEvent, type ReactElement, type ReactNode, useEffect, useId, useRef } from 'react';

export type DialogProps = {
  title: string;
  open: boolean;
  onClose: () => void;
  onSubmit: () => void;
  submit: string;
  tone?: 'primary' | 'danger';
  busy?: boolean;
  children: ReactNode;
};

/** A question that has to be answered first. The browser keeps the focus inside, closes it by Escape and gives the focus back. */
export function Dialog({
  title,
  open,
  onClose,
  onSubmit,
  submit,
  tone = 'primary',
  busy = false,
  children,
}: DialogProps): ReactElement {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const { current } = dialog;
    if (open && !current?.open) current?.showModal();
    if (!open && current?.open) current.close();
  }, [open]);
  const confirm = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <dialog className="dialog" ref={dialog} onClose={onClose} aria-labelledby={titleId}>
      {open && (
        <form onSubmit={confirm}>
          <h2 id={titleId}>{title}</h2>
          {children}
          <footer>
            <button type="button" className="button" onClick={onClose}>
              Back
            </button>
            <button type="submit" className={`button button-${tone}`} disabled={busy}>
              {submit}
            </button>
          </footer>
        </form>
      )}
    </dialog>
  );
}
