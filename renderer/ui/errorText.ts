import type { ErrorInfo } from '#shared/errors';

type Told = Pick<ErrorInfo, 'message'> & { field?: string | null };

/** What happened, for who has the field before them: programs need its name in front, people do not. */
export function errorText({ message, field }: Told): string {
  if (!field || !message.startsWith(`${field}: `)) return message;
  const told = message.slice(field.length + 2);
  return told.charAt(0).toUpperCase() + told.slice(1);
}

/** What is wrong with each field of a form, by the field's name in the operation. */
export function fieldErrors(error: Told | null): (field: string) => string | null {
  return (field) => (error?.field === field ? errorText(error) : null);
}
