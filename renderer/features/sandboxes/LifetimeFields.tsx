import { Field } from '../../ui/form/Field';

/** What the two fields hold: minutes and hours as typed; empty is never. */
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

/** When a sandbox stops by itself, and when it is deleted after that. */
export function LifetimeFields({ value, onChange, errorOf }: LifetimeFieldsProps) {
  return (
    <div className="field-row">
      <Field
        label="Stop when idle (minutes)"
        hint="Empty: never."
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
        label="Delete after a stop (hours)"
        hint="Empty: never."
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
