import type { CapturePreview } from '#shared/contract/schemas/capturePreview';
import { formatBytes, formatCount } from '#shared/format';
import { Button } from '../../../ui/Button';
import { ErrorNote } from '../../../ui/ErrorNote';
import { Progress } from '../../../ui/Progress';
import { CaptureTree } from './CaptureTree';
import { excludedBytes, excludedPaths } from './captureTree';
import { ExcludedList } from './ExcludedList';
import type { CapturePreviewState } from './useCapturePreview';

interface CapturePreviewSectionProps {
  previewState: CapturePreviewState;
  snapshotName: string;
  excluded: ReadonlySet<string>;
  onExclude: (excluded: ReadonlySet<string>) => void;
}

/** Included and excluded files of the capture, updated while the preview is computed. */
export function CapturePreviewSection(props: CapturePreviewSectionProps) {
  const { previewState, snapshotName, excluded, onExclude } = props;
  const { preview, state } = previewState;
  return (
    <>
      <section className="kept" aria-label="Kept">
        <header>
          <h3>Kept</h3>
          {preview && <span className="soft">{countsText(preview, excluded)}</span>}
          {preview && <LayerSize preview={preview} excluded={excluded} />}
        </header>
        {state === 'reading' && <PreviewProgress previewState={previewState} />}
        {/* Reserves space, so that the dialog does not jump when the preview arrives. */}
        {state === 'reading' && !preview && <div className="kept-room" />}
        {state === 'failed' && previewState.error && <ErrorNote error={previewState.error} />}
        {(state === 'failed' || state === 'stopped') && (
          <div className="preview-progress-line">
            <span className="soft">
              {state === 'stopped' ? 'The preview was stopped. ' : ''}You can capture without it.
            </span>
            <Button variant="quiet" onClick={previewState.restart}>
              Retry preview
            </Button>
          </div>
        )}
        {preview && preview.entries.length > 0 && (
          <CaptureTree
            entries={preview.entries}
            totalBytes={preview.layerBytes ?? 0}
            {...{ excluded, onExclude }}
          />
        )}
        {preview && preview.entries.length === 0 && (
          <p className="kept-nothing soft">
            No file has changed since the sandbox booted from {snapshotName}. A capture saves the
            same files under another name.
          </p>
        )}
        {state === 'done' && preview && preview.measured.done < preview.measured.total && (
          <p className="soft">
            {formatCount(preview.measured.total - preview.measured.done)} files were not measured
            one by one. They are kept and included in the layer size.
          </p>
        )}
      </section>
      {preview && (
        <ExcludedList
          leftOut={preview.leftOut}
          isCounting={state === 'reading'}
          excluded={{
            count: excluded.size,
            bytes: excludedBytes(preview.entries, excluded),
          }}
        />
      )}
    </>
  );
}

/** Size of the new layer and of the whole snapshot, without deselected files. */
function LayerSize({
  preview: { layerBytes, totalBytes, entries },
  excluded,
}: {
  preview: CapturePreview;
  excluded: ReadonlySet<string>;
}) {
  if (layerBytes === null || totalBytes === null) return null;
  const without = Math.min(layerBytes, excludedBytes(entries, excluded));
  return (
    <output className="layer-size" aria-label="Estimated size">
      <strong>{formatBytes(layerBytes - without)}</strong>
      <span className="soft"> new, {formatBytes(totalBytes - without)} in total</span>
    </output>
  );
}

function PreviewProgress({
  previewState: { preview, stop },
}: {
  previewState: CapturePreviewState;
}) {
  const { done, total } = preview?.measured ?? { done: 0, total: 0 };
  const files =
    done < total
      ? `Measuring: ${formatCount(done)} of ${formatCount(total)}`
      : 'Measuring excluded paths…';
  const text = preview ? files : 'Reading changes…';
  return (
    <div className="preview-progress">
      <div className="preview-progress-line">
        <span className="soft">{text}</span>
        <Button variant="quiet" onClick={stop}>
          Stop
        </Button>
      </div>
      <Progress fraction={done > 0 && done < total ? done / total : null} label="Capture preview" />
    </div>
  );
}

function countsText({ counts, entries }: CapturePreview, excluded: ReadonlySet<string>): string {
  const parts: Array<[number, string]> = [
    [counts.added, 'new'],
    [counts.changed, 'changed'],
    [counts.removed, 'removed'],
    [excludedPaths(entries, excluded), 'left out'],
  ];
  return parts
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${formatCount(count)} ${word}`)
    .join(' · ');
}
