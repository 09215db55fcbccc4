import { ExternalLink, Eye, EyeOff } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { LocalApiStatus } from '#shared/contract/localApi';
import { apiPortSchema, type Settings } from '#shared/contract/settings';
import { operations } from '../../api/operations';
import { fetchApiKey, hideApiKey, showApiKey, useLocalApi } from '../../stores/localApi';
import { openDialog } from '../../stores/route';
import { useSettings } from '../../stores/settings';
import { Button, IconButton } from '../../ui/Button';
import { CopyButton } from '../../ui/CopyButton';
import { ErrorNote } from '../../ui/ErrorNote';
import { Field } from '../../ui/form/Field';
import { firstIssue } from '../../ui/form/firstIssue';
import { toastError } from '../../ui/toastError';
import { ApiExamples, HIDDEN_KEY } from './ApiExamples';
import './localApi.css';

function update(change: Partial<Settings>): void {
  void toastError(operations.settings.update(change));
}

/** Settings of the local API: on or off, port, address and key. */
export function LocalApiSection() {
  const { apiEnabled, apiPort } = useSettings();
  const status = useLocalApi((state) => state.status);
  useEffect(() => hideApiKey, []);
  if (!status) return null;
  return (
    <section aria-label="Local API" className="local-api">
      <h2>Local API</h2>
      <p className="soft">
        Run code written for LangSmith sandboxes on this computer by changing only its endpoint and
        key.
      </p>
      <label className="check">
        <input
          type="checkbox"
          checked={apiEnabled}
          onChange={(event) => update({ apiEnabled: event.target.checked })}
        />
        Serve the API to programs on this computer
      </label>
      <ApiState status={status} />
      {apiEnabled && (
        <>
          {!status.isPortFixed && <PortField key={apiPort} port={apiPort} />}
          <ApiFacts status={status} />
          {status.address && <ApiExamples address={status.address} />}
        </>
      )}
    </section>
  );
}

/** Current state of the API; on failure, the error and possible actions. */
function ApiState({ status: { state, error, isPortFixed } }: { status: LocalApiStatus }) {
  const [retrying, setRetrying] = useState(false);
  if (state === 'failed' && error) {
    const retry = async () => {
      setRetrying(true);
      await toastError(operations.localApi.retry());
      setRetrying(false);
    };
    return (
      <>
        <ErrorNote error={error} />
        <div className="local-api-actions">
          {!isPortFixed && (
            <Button variant="primary" onClick={() => update({ apiPort: 0 })}>
              Use a free port
            </Button>
          )}
          <Button disabled={retrying} onClick={() => void retry()}>
            Try again
          </Button>
        </div>
      </>
    );
  }
  const [dot, text] = {
    off: ['', 'Off'],
    opening: ['waiting', 'Starting…'],
    listening: ['on', 'Listening on this computer only'],
    failed: ['bad', 'Not running'],
  }[state];
  return (
    <p role="status" className="state">
      <span className={`dot ${dot}`} />
      {text}
    </p>
  );
}

/** Port field, saved on blur or with Enter. */
function PortField({ port }: { port: number }) {
  const [text, setText] = useState(String(port));
  const newPort = text.trim() === '' ? Number.NaN : Number(text);
  const issue = Number.isNaN(newPort) ? 'Enter a port number.' : firstIssue(apiPortSchema, newPort);
  const save = () => {
    if (!issue && newPort !== port) update({ apiPort: newPort });
  };
  return (
    <Field label="Port" hint="Enter 0 to choose a free port and keep it." error={issue}>
      <input
        className="mono"
        inputMode="numeric"
        spellCheck={false}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onBlur={save}
        onKeyDown={(event) => event.key === 'Enter' && save()}
      />
    </Field>
  );
}

function ApiFacts({ status }: { status: LocalApiStatus }) {
  const { address, socketPath, isKeyFixed, isPortFixed } = status;
  const shownKey = useLocalApi((state) => state.shownKey);
  return (
    <dl className="facts">
      {isPortFixed && (
        <>
          <dt>Port</dt>
          <dd className="soft">Set by SANDGLASS_API_PORT.</dd>
        </>
      )}
      {address && (
        <>
          <dt>Address</dt>
          <dd className="copyable">
            <span className="mono selectable">{address}</span>
            <CopyButton label="Copy address" text={address} />
            <IconButton
              label="Open API page in browser"
              onClick={() => void toastError(window.sandglass.openApiPage())}
            >
              <ExternalLink size={14} aria-hidden />
            </IconButton>
          </dd>
        </>
      )}
      {socketPath && (
        <>
          <dt>Socket</dt>
          <dd className="copyable">
            <span className="mono selectable">{socketPath}</span>
            <CopyButton label="Copy socket path" text={socketPath} />
          </dd>
        </>
      )}
      <dt>Key</dt>
      <dd className="copyable">
        <span className={shownKey ? 'mono selectable' : 'mono'}>{shownKey ?? HIDDEN_KEY}</span>
        <IconButton
          label={shownKey ? 'Hide key' : 'Show key'}
          onClick={() => (shownKey ? hideApiKey() : void toastError(showApiKey()))}
        >
          {shownKey ? <EyeOff size={14} aria-hidden /> : <Eye size={14} aria-hidden />}
        </IconButton>
        <CopyButton label="Copy key" text={fetchApiKey} />
        {!isKeyFixed && (
          <Button variant="quiet" onClick={() => openDialog({ kind: 'rotate-api-key' })}>
            New key…
          </Button>
        )}
        {isKeyFixed && <span className="soft">Set by SANDGLASS_API_KEY.</span>}
      </dd>
    </dl>
  );
}
