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
  reading: CapturePreviewState;
  snapshotName: string;
  excluded: ReadonlySet<string>;
  onExclude: (excluded: ReadonlySet<string>) => void;
}

/** What the capture will keep and what not, as it is found out. */
export function CapturePreviewSection(props: CapturePreviewSectionProps) {
  const { reading, snapshotName, excluded, onExclude } = props;
  const { preview, state } = reading;
  return (
    <>
      <section className="kept" aria-label="Kept">
        <header>
          <h3>Kept</h3>
          {preview && <span className="soft">{countsText(preview, excluded)}</span>}
          {preview && <LayerSize preview={preview} excluded={excluded} />}
        </header>
        {state === 'reading' && <PreviewProgress reading={reading} />}
        {/* Room for what comes: the dialog does not jump. */}
        {state === 'reading' && !preview && <div className="kept-room" />}
        {state === 'failed' && reading.error && <ErrorNote error={reading.error} />}
        {(state === 'failed' || state === 'stopped') && (
          <div className="preview-progress-line">
            <span className="soft">
              {state === 'stopped' ? 'The preview was stopped. ' : ''}You can capture without it.
            </span>
            <Button variant="quiet" onClick={reading.again}>
              Look again
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
            No file has changed since it was booted from {snapshotName}. A capture gives the same
            files another name.
          </p>
        )}
        {state === 'done' && preview && preview.measured.done < preview.measured.total && (
          <p className="soft">
            {formatCount(preview.measured.total - preview.measured.done)} files were too many to
            measure. They are kept like the others, and in the size of the layer.
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

/** The new layer and the whole, which follow the ticks. */
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
      <span className="soft"> new, {formatBytes(totalBytes - without)} in all</span>
    </output>
  );
}

function PreviewProgress({ reading: { preview, stop } }: { reading: CapturePreviewState }) {
  const { done, total } = preview?.measured ?? { done: 0, total: 0 };
  const files =
    done < total
      ? `Measuring: ${formatCount(done)} of ${formatCount(total)}`
      : 'Measuring what is left out…';
  const text = preview ? files : 'Reading what has changed…';
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
    [excludedPaths(entries, excluded), 'of them left out'],
  ];
  return parts
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${formatCount(count)} ${word}`)
    .join(' · ');
}
