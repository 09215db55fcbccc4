import { X } from 'lucide-react';
import { Dialog as RadixDialog } from 'radix-ui';
import type { ReactNode } from 'react';
import { IconButton } from './Button';
import { returnFocus } from './returnFocus';
import './Dialog.css';

interface DialogProps {
  title: string;
  /** One sentence about the effect of the dialog. */
  description?: ReactNode;
  /** `wide` for dialogs with columns. */
  width?: 'usual' | 'wide';
  onClose: () => void;
  children: ReactNode;
}

/** Focuses the first form field; without one, Radix focuses the first button. */
function focusFirstField(event: Event): void {
  const content = event.currentTarget as HTMLElement;
  const field =
    content.querySelector<HTMLElement>('input:not([type="checkbox"]), textarea') ??
    content.querySelector<HTMLElement>('input, select');
  if (!field) return;
  event.preventDefault();
  field.focus();
}

/** Modal dialog that traps focus, closes on Escape and restores focus. */
export function Dialog({ title, description, width = 'usual', onClose, children }: DialogProps) {
  return (
    <RadixDialog.Root open onOpenChange={(open) => !open && onClose()}>
      <RadixDialog.Portal>
        <RadixDialog.Overlay className="dialog-overlay" />
        <RadixDialog.Content
          className={`dialog ${width}`}
          onOpenAutoFocus={focusFirstField}
          onCloseAutoFocus={returnFocus}
          {...(description ? {} : { 'aria-describedby': undefined })}
        >
          <header>
            <RadixDialog.Title>{title}</RadixDialog.Title>
            <RadixDialog.Close asChild>
              <IconButton label="Close">
                <X size={16} />
              </IconButton>
            </RadixDialog.Close>
          </header>
          {description && (
            <RadixDialog.Description asChild>
              <div className="dialog-description">{description}</div>
            </RadixDialog.Description>
          )}
          {children}
        </RadixDialog.Content>
      </RadixDialog.Portal>
    </RadixDialog.Root>
  );
}

/** Button row at the bottom. The last button is the primary action. */
export function DialogActions({ children }: { children: ReactNode }) {
  return <footer className="dialog-actions">{children}</footer>;
}
