/** A dialog about one item, on top of the page until it is closed. */
import { type ReactNode, useEffect, useRef } from 'react';

interface ItemDialogProps {
  /** Id of its heading. */
  readonly titledBy: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

export function ItemDialog({ titledBy, onClose, children }: ItemDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    if (element !== null && !element.open) element.showModal();
  }, []);
  return (
    <dialog ref={dialog} className="item" aria-labelledby={titledBy} onClose={onClose}>
      {children}
    </dialog>
  );
}

/** Closes the dialog that it is in. */
export function CloseButton() {
  return (
    <form method="dialog">
      <button type="submit" className="quiet">
        Close
      </button>
    </form>
  );
}
