import { type FormEvent, useState } from 'react';
import { operations } from '../../api/operations';
import { go, useCloseDialog } from '../../stores/route';
import { Button } from '../../ui/Button';
import { Dialog, DialogActions } from '../../ui/Dialog';
import { ErrorNote } from '../../ui/ErrorNote';
import { fieldErrors } from '../../ui/errorText';
import { Field } from '../../ui/form/Field';
import { parsePairs } from '../../ui/form/pairs';
import { useOperation } from '../../ui/useOperation';
import { CapacityField, capacityBytes } from '../common/CapacityField';
import { NoteField } from '../common/NoteField';
import { namedVersion, nameOfImage } from '../common/snapshotName';
import {
  DockerfileFields,
  FileFields,
  ImageFields,
  loginOf,
  type SourceForm,
} from './SnapshotSourceFields';

type SnapshotSource = 'image' | 'dockerfile' | 'file';

const descriptions: Record<SnapshotSource, string> = {
  image:
    'Builds a filesystem that sandboxes boot from. The image is pulled if Docker does not have it yet.',
  dockerfile: 'Builds a filesystem that sandboxes boot from, using Docker on this computer.',
  file: 'Imports a filesystem that sandboxes boot from. The file is not changed.',
};

const emptyForm: SourceForm = {
  ...{ image: '', registryId: '', registryUsername: '', registryPassword: '' },
  ...{ context: '', dockerfile: 'Dockerfile', buildArgs: '', target: '', file: '' },
};

function isComplete(
  source: SnapshotSource,
  name: string,
  { image, context, file }: SourceForm,
): boolean {
  if (source === 'file') return file !== '';
  return name !== '' && (source === 'image' ? image : context) !== '';
}

/** Creates a snapshot from an image, a Dockerfile or a file. Its card shows the progress. */
export function NewSnapshotDialog() {
  const closeDialog = useCloseDialog();
  const [title, setTitle] = useState('');
  const [source, setSource] = useState<SnapshotSource>('image');
  const [form, setForm] = useState(emptyForm);
  const [capacityGib, setCapacityGib] = useState('');
  const [note, setNote] = useState('');
  const { running, error, run } = useOperation();
  const suggested = source === 'image' ? nameOfImage(form.image) : '';
  const { name, tag, issue: nameIssue } = namedVersion(title || suggested);

  const set = (change: Partial<SourceForm>) => setForm({ ...form, ...change });
  const buildArgs = parsePairs(form.buildArgs);
  const errorOf = fieldErrors(error);
  const Fields = { image: ImageFields, dockerfile: DockerfileFields, file: FileFields }[source];

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const description = {
      tag,
      note: note || undefined,
      fsCapacityBytes: capacityBytes(capacityGib),
    };
    const { image, context, dockerfile, target, file } = form;
    const started = await run(() => {
      switch (source) {
        case 'image':
          return operations.snapshots.create({ ...description, name, image, ...loginOf(form) });
        case 'dockerfile':
          return operations.snapshots.build({
            ...{ ...description, name, context, dockerfile },
            buildArgs: buildArgs ?? {},
            target: target || undefined,
          });
        case 'file':
          return operations.snapshots.import({ ...description, name: name || undefined, file });
      }
    });
    if (!started) return;
    closeDialog();
    go({ page: 'snapshots' });
  };

  return (
    <Dialog title="New snapshot" description={descriptions[source]} onClose={closeDialog}>
      <form onSubmit={submit}>
        <Field label="Source">
          <select
            value={source}
            onChange={(event) => setSource(event.target.value as SnapshotSource)}
          >
            <option value="image">A Docker image</option>
            <option value="dockerfile">A Dockerfile</option>
            <option value="file">A file</option>
          </select>
        </Field>
        <Fields form={form} set={set} errorOf={errorOf} />
        <Field
          label="Name"
          hint={
            source === 'file'
              ? 'Leave empty to use the name in the file.'
              : 'Lowercase, e.g. python or team/ml:v2. An existing name gets a new version.'
          }
          error={nameIssue ?? errorOf('name') ?? errorOf('tag')}
        >
          <input
            className="mono"
            value={title}
            placeholder={suggested}
            onChange={(event) => setTitle(event.target.value)}
          />
        </Field>
        <div className="field-row">
          <CapacityField
            hint="Optional."
            value={capacityGib}
            onChange={setCapacityGib}
            error={errorOf('fsCapacityBytes')}
          />
          <NoteField value={note} onChange={setNote} />
        </div>
        {error && !error.field && <ErrorNote error={error} />}
        <DialogActions>
          <Button onClick={closeDialog}>Cancel</Button>
          <Button
            type="submit"
            variant="primary"
            disabled={
              running || nameIssue !== null || buildArgs === null || !isComplete(source, name, form)
            }
          >
            Create snapshot
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
