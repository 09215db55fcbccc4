import { File, FileSymlink, Folder } from 'lucide-react';
import { useState } from 'react';
import type { FileStat } from '#shared/contract/sandboxes';
import { formatBytes } from '#shared/format';
import { Age } from '../../ui/Age';
import { Button } from '../../ui/Button';
import { nameOf } from './paths';

interface FileTableProps {
  files: FileStat[];
  onOpen: (name: string) => void;
  onDownload: (name: string) => void;
  onDelete: (name: string) => void;
}

/** Rows rendered at most. */
const MAX_ROWS = 1000;

/** Entries of a folder. */
export function FileTable({ files, onOpen, onDownload, onDelete }: FileTableProps) {
  const [confirming, setConfirming] = useState<string | null>(null);
  if (files.length === 0) return <p className="loading soft">This folder is empty.</p>;
  return (
    <>
      <table className="file-table">
        <thead>
          <tr>
            <th>Name</th>
            <th>Size</th>
            <th>Mode</th>
            <th>Owner</th>
            <th>Modified</th>
            <th aria-label="Actions" />
          </tr>
        </thead>
        <tbody>
          {files.slice(0, MAX_ROWS).map((file) => {
            const name = nameOf(file.path);
            const canOpen = file.kind === 'directory' || file.kind === 'symlink';
            return (
              <tr key={file.path} aria-label={name}>
                <td className="mono">
                  <FileIcon kind={file.kind} />{' '}
                  {canOpen ? (
                    <button type="button" className="plain-link mono" onClick={() => onOpen(name)}>
                      {name}
                    </button>
                  ) : (
                    <span className="selectable">{name}</span>
                  )}
                </td>
                <td className="soft">{file.kind === 'file' ? formatBytes(file.sizeBytes) : ''}</td>
                <td className="soft mono">{file.mode.toString(8).padStart(3, '0')}</td>
                <td className="soft mono">{`${file.uid}:${file.gid}`}</td>
                <td className="soft">
                  <Age time={file.modifiedAt} />
                </td>
                <td>
                  {confirming === name ? (
                    <>
                      <Button variant="danger" onClick={() => onDelete(name)}>
                        Delete permanently
                      </Button>
                      <Button onClick={() => setConfirming(null)}>Cancel</Button>
                    </>
                  ) : (
                    <>
                      <Button onClick={() => onDownload(name)}>Download…</Button>
                      <Button onClick={() => setConfirming(name)}>Delete</Button>
                    </>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {files.length > MAX_ROWS && (
        <p className="loading soft">{`${files.length - MAX_ROWS} more not shown.`}</p>
      )}
    </>
  );
}

function FileIcon({ kind }: { kind: FileStat['kind'] }) {
  if (kind === 'directory') return <Folder size={14} aria-label="Folder" />;
  if (kind === 'symlink') return <FileSymlink size={14} aria-label="Link" />;
  return <File size={14} aria-label="File" />;
}
