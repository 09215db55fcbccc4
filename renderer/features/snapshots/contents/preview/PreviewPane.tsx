import type { ContentsEntry } from '#shared/contract/contents';
import type { Snapshot } from '#shared/contract/snapshots';
import { formatBytes, formatCount } from '#shared/format';
import { useEngineReady } from '../../../../stores/engine';
import { Age } from '../../../../ui/Age';
import { Button } from '../../../../ui/Button';
import { CopyButton } from '../../../../ui/CopyButton';
import { toastError } from '../../../../ui/toastError';
import { nameOf } from '../../../files/paths';
import { entriesText, kindText, modeText, nameText } from '../folder/describeEntry';
import { EntryIcon } from '../folder/EntryIcon';
import { FilePreviewView } from './FilePreviewView';
import { LinkPreview } from './LinkPreview';
import { saveToComputer } from './saveToComputer';
import './PreviewPane.css';

interface PreviewPaneProps {
  snapshot: Snapshot;
  path: string;
  /** Null for the current folder, whose metadata is not loaded. */
  entry: ContentsEntry | null;
  onGo: (path: string) => void;
}

/** Metadata and preview of the selected entry, with a button to save it. */
export function PreviewPane({ snapshot, path, entry, onGo }: PreviewPaneProps) {
  const ready = useEngineReady();
  const name = nameOf(path) || '/';
  const canSave = entry?.kind !== 'other';
  return (
    <section className="preview" aria-label={`Preview of ${nameText(name)}`}>
      <header className="preview-header">
        <h3 className="mono selectable" title={path}>
          <EntryIcon entry={entry ?? { kind: 'directory' }} />
          <span>{nameText(name)}</span>
        </h3>
        <CopyButton label="Copy path" text={path} />
        {canSave && (
          <Button
            disabled={!ready}
            title={ready ? undefined : 'Docker is not responding: files cannot be read.'}
            onClick={() => void toastError(saveToComputer(snapshot.id, path))}
          >
            Save…
          </Button>
        )}
      </header>
      {entry && <Facts entry={entry} />}
      <div className="preview-body">
        <Body key={path} snapshot={snapshot} path={path} entry={entry} onGo={onGo} />
      </div>
    </section>
  );
}

function Facts({ entry }: { entry: ContentsEntry }) {
  const { kind, sizeBytes, mode, uid, gid, modifiedAt } = entry;
  const hasSize = kind === 'file' || kind === 'directory';
  return (
    <p className="preview-facts soft">
      <span>{kindText(entry)}</span>
      {hasSize && <span title={`${formatCount(sizeBytes)} bytes`}>{formatBytes(sizeBytes)}</span>}
      <span className="mono">{modeText(mode)}</span>
      <span className="mono">
        {uid}:{gid}
      </span>
      {modifiedAt !== null && <Age time={modifiedAt} />}
    </p>
  );
}

function Body({ snapshot, path, entry, onGo }: PreviewPaneProps) {
  switch (entry?.kind) {
    case 'file':
      return <FilePreviewView snapshotId={snapshot.id} path={path} sizeBytes={entry.sizeBytes} />;
    case 'symlink':
      return <LinkPreview snapshotId={snapshot.id} path={path} entry={entry} onGo={onGo} />;
    case 'other':
      return <p className="preview-note soft">Devices and pipes have no contents.</p>;
    case 'directory':
      if (entry.entryCount === 0) {
        return <p className="preview-note soft">This folder is empty.</p>;
      }
      return (
        <div className="preview-note soft">
          <p>
            {entriesText(entry.entryCount)}, {formatBytes(entry.sizeBytes)} in total.
          </p>
          <Button onClick={() => onGo(path)}>Open folder</Button>
        </div>
      );
    case undefined:
      return <p className="preview-note soft">Select a file to preview it.</p>;
  }
}
