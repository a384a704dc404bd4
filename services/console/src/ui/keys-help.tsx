import { type ReactElement, useRef } from 'react';
import { useKeys } from './use-keys.ts';

/** Says which keys a page knows, at the press of one: `?`. */
export function KeysHelp({ keys }: { keys: [key: string, what: string][] }): ReactElement {
  const dialog = useRef<HTMLDialogElement>(null);
  const open = () => dialog.current?.showModal();
  useKeys({ '?': open });
  return (
    <>
      <button type="button" className="button button-small" onClick={open} aria-label="Keys of this page">
        <kbd>?</kbd> Keys
      </button>
      <dialog ref={dialog} className="dialog keys-help" aria-label="Keys of this page">
        <form method="dialog">
          <h2>Keys</h2>
          <dl>
            {keys.map(([key, what]) => (
              <div key={key}>
                <dt>
                  {key.split(' ').map((one) => (
                    <kbd key={one}>{one}</kbd>
                  ))}
                </dt>
                <dd>{what}</dd>
              </div>
            ))}
          </dl>
          <footer>
            <button type="submit" className="button">
              Close
            </button>
          </footer>
        </form>
      </dialog>
    </>
  );
}
