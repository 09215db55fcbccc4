import { useEffect, useState } from 'react';
import type { ContentsEntry } from '#shared/contract/contents';
import { type SandglassError, toSandglassError } from '#shared/errors';
import { operations } from '../../../../api/operations';
import { Button } from '../../../../ui/Button';
import { ErrorNote } from '../../../../ui/ErrorNote';
import { nameText } from '../folder/describeEntry';
import { FilePreviewView } from './FilePreviewView';

interface LinkPreviewProps {
  snapshotId: string;
  path: string;
  entry: ContentsEntry;
  onGo: (path: string) => void;
}

type Located = Awaited<ReturnType<typeof operations.contents.locate>>;

/** Target of a symbolic link, with a preview of it. */
export function LinkPreview({ snapshotId, path, entry, onGo }: LinkPreviewProps) {
  const [found, setFound] = useState<Located | null>(null);
  const [error, setError] = useState<SandglassError | null>(null);
  useEffect(() => {
    operations.contents
      .locate({ snapshotId, path })
      .then(setFound, (thrown: unknown) => setError(toSandglassError(thrown)));
  }, [snapshotId, path]);
  const leadsTo = found?.leadsTo ?? null;
  return (
    <>
      <div className="preview-note">
        <p className="selectable">
          Points to <span className="mono">{nameText(entry.linkTarget ?? '')}</span>
        </p>
        {found && !leadsTo && <p className="soft">The target does not exist.</p>}
        {leadsTo && (
          <Button className="mono" title="Go to target" onClick={() => onGo(leadsTo.path)}>
            {nameText(leadsTo.path)}
          </Button>
        )}
        {error && <ErrorNote error={error} />}
      </div>
      {leadsTo?.kind === 'file' && (
        <FilePreviewView snapshotId={snapshotId} path={path} sizeBytes={null} />
      )}
    </>
  );
}
