import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { IconButton } from './Button';
import { toastError } from './toastError';

/** Milliseconds that the confirmation is shown. */
const CONFIRMATION_MS = 1500;

interface CopyButtonProps {
  /** Accessible name, such as `Copy address`. */
  label: string;
  /** The text, or a function that fetches it on demand. */
  text: string | (() => Promise<string>);
}

/** Copies text to the clipboard and confirms it briefly. */
export function CopyButton({ label, text }: CopyButtonProps) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = window.setTimeout(() => setCopied(false), CONFIRMATION_MS);
    return () => window.clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    await navigator.clipboard.writeText(typeof text === 'string' ? text : await text());
    setCopied(true);
  };
  return (
    <IconButton
      label={copied ? 'Copied' : label}
      aria-live="polite"
      onClick={() => void toastError(copy())}
    >
      {copied ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}
    </IconButton>
  );
}
