import type { ErrorInfo } from '#shared/errors';

type ErrorText = Pick<ErrorInfo, 'message'> & { field?: string | null };

/** Error message without the field name that the API puts in front of it. */
export function errorText({ message, field }: ErrorText): string {
  if (!field || !message.startsWith(`${field}: `)) return message;
  const text = message.slice(field.length + 2);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Returns a lookup of error messages by field name of the operation. */
export function fieldErrors(error: ErrorText | null): (field: string) => string | null {
  return (field) => (error?.field === field ? errorText(error) : null);
}
