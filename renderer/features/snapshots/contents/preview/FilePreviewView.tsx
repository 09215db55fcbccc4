import { formatBytes } from '#shared/format';
import { Button } from '../../../../ui/Button';
import { ErrorNote } from '../../../../ui/ErrorNote';
import { ImagePreview } from './ImagePreview';
import { TextPreview } from './TextPreview';
import { useFilePreview } from './useFilePreview';

interface FilePreviewViewProps {
  snapshotId: string;
  path: string;
  /** Size in bytes; null for the target of a link. */
  sizeBytes: number | null;
}

/** Preview of a file, or the reason why there is none. */
export function FilePreviewView({ snapshotId, path, sizeBytes }: FilePreviewViewProps) {
  const { preview, error, retry } = useFilePreview(snapshotId, path);
  const size = sizeBytes === null ? '' : ` of ${formatBytes(sizeBytes)}`;
  if (error) {
    return (
      <div className="preview-note">
        <ErrorNote error={error} />
        {error.retryable && <Button onClick={retry}>Try again</Button>}
      </div>
    );
  }
  switch (preview?.type) {
    case 'text':
      return <TextPreview text={preview.text} isWhole={preview.isWhole} />;
    case 'image':
      return <ImagePreview bytes={preview.bytes} mimeType={preview.mimeType} />;
    case 'binary':
      return (
        <p className="preview-note soft">Binary data{size}. Save it to open it in another app.</p>
      );
    case 'too_large':
      return (
        <p className="preview-note soft">
          This image{size} is too large to preview. Save it to open it.
        </p>
      );
    case undefined:
      return <p className="preview-note soft late">Loading…</p>;
  }
}
