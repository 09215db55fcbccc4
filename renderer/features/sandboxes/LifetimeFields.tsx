import { Field } from '../../ui/form/Field';

/** Typed minutes and hours; empty for never. */
export interface LifetimeTexts {
  idleMinutes: string;
  deleteHours: string;
}

const MINUTE = 60;
const HOUR = 3600;

export function lifetimeTexts(seconds: {
  idleStopSeconds: number;
  deleteAfterStopSeconds: number;
}): LifetimeTexts {
  return {
    idleMinutes: seconds.idleStopSeconds ? String(seconds.idleStopSeconds / MINUTE) : '',
    deleteHours: seconds.deleteAfterStopSeconds
      ? String(seconds.deleteAfterStopSeconds / HOUR)
      : '',
  };
}

export function lifetimeSeconds({ idleMinutes, deleteHours }: LifetimeTexts) {
  return {
    idleStopSeconds: Math.round(Number(idleMinutes) * MINUTE),
    deleteAfterStopSeconds: Math.round(Number(deleteHours) * HOUR),
  };
}

interface LifetimeFieldsProps {
  value: LifetimeTexts;
  onChange: (value: LifetimeTexts) => void;
  errorOf: (field: string) => string | null;
}

/** Fields for the automatic stop and deletion of a sandbox. */
export function LifetimeFields({ value, onChange, errorOf }: LifetimeFieldsProps) {
  return (
    <div className="field-row">
      <Field
        label="Stop when idle (minutes)"
        hint="Leave empty to disable."
        error={errorOf('idleStopSeconds')}
      >
        <input
          type="number"
          min="0"
          step="any"
          value={value.idleMinutes}
          onChange={(event) => onChange({ ...value, idleMinutes: event.target.value })}
        />
      </Field>
      <Field
        label="Delete after stopping (hours)"
        hint="Leave empty to disable."
        error={errorOf('deleteAfterStopSeconds')}
      >
        <input
          type="number"
          min="0"
          step="any"
          value={value.deleteHours}
          onChange={(event) => onChange({ ...value, deleteHours: event.target.value })}
        />
      </Field>
    </div>
  );
}
