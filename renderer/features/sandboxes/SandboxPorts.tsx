import { ExternalLink } from 'lucide-react';
import type { Sandbox } from '#shared/contract/sandboxes';
import { IconButton } from '../../ui/Button';
import { CopyButton } from '../../ui/CopyButton';
import { toastError } from '../../ui/toastError';

/** The published ports: where each is on this computer, and a way to open it. */
export function SandboxPorts({ sandbox }: { sandbox: Sandbox }) {
  if (sandbox.ports.length === 0) return null;
  return (
    <ul className="sandbox-ports" aria-label="Published ports">
      {sandbox.ports.map(({ containerPort, hostPort }) => (
        <li key={containerPort}>
          Port {containerPort}
          {hostPort === null ? (
            <span className="soft"> when it runs</span>
          ) : (
            <>
              {' '}
              <span className="mono selectable">127.0.0.1:{hostPort}</span>
              <IconButton
                label={`Open port ${containerPort} in the browser`}
                onClick={() =>
                  void toastError(window.sandglass.openPort(sandbox.id, containerPort))
                }
              >
                <ExternalLink size={14} />
              </IconButton>
              <CopyButton
                label={`Copy the address of port ${containerPort}`}
                text={`http://127.0.0.1:${hostPort}`}
              />
            </>
          )}
        </li>
      ))}
    </ul>
  );
}
