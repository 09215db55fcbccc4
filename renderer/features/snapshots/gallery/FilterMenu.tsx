import { ListFilter } from 'lucide-react';
import { Popover } from 'radix-ui';
import { type FormEvent, useId, useMemo, useState } from 'react';
import { formatBytes } from '#shared/format';
import { useSnapshots } from '../../../stores/snapshots';
import { Button } from '../../../ui/Button';
import { Field } from '../../../ui/form/Field';
import { parseSize } from '../../../ui/form/parseSize';
import { type GalleryFilter, noFilter, type Origin, originLabels, origins } from './filter';
import { setFilter, useGallery } from './galleryStore';
import './FilterMenu.css';

/** Popover with the filters of the gallery other than the text. */
export function FilterMenu() {
  const [open, setOpen] = useState(false);
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger asChild>
        <Button aria-label="More filters">
          <ListFilter size={14} aria-hidden /> <span className="filter-label">Filter</span>
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="popover filter-menu" align="end" sideOffset={4}>
          <FilterForm onDone={() => setOpen(false)} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

/** Filter form. Changes apply immediately. */
function FilterForm({ onDone }: { onDone: () => void }) {
  const filter = useGallery((state) => state.filter);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onDone();
  };
  return (
    <form onSubmit={submit}>
      <Field label="Origin">
        <select
          value={filter.origin ?? ''}
          onChange={({ target }) => setFilter({ origin: (target.value || null) as Origin | null })}
        >
          <option value="">Any</option>
          {origins.map((origin) => (
            <option key={origin} value={origin}>
              {originLabels[origin]}
            </option>
          ))}
        </select>
      </Field>
      <LabelField filter={filter} />
      <div className="field-row">
        <SizeField
          label="Minimum size"
          bytes={filter.minBytes}
          onChange={(minBytes) => setFilter({ minBytes })}
        />
        <SizeField
          label="Maximum size"
          bytes={filter.maxBytes}
          onChange={(maxBytes) => setFilter({ maxBytes })}
        />
      </div>
      <Check
        label="Unused by sandboxes"
        checked={filter.unused}
        onChange={(unused) => setFilter({ unused })}
      />
      <Check
        label="Favourites only"
        checked={filter.favourite}
        onChange={(favourite) => setFilter({ favourite })}
      />
      <div className="filter-menu-end">
        <Button variant="quiet" onClick={() => setFilter({ ...noFilter, text: filter.text })}>
          Clear
        </Button>
        <Button type="submit">Done</Button>
      </div>
    </form>
  );
}

function LabelField({ filter }: { filter: GalleryFilter }) {
  const items = useSnapshots((state) => state.items);
  const known = useMemo(() => {
    const found = new Set<string>();
    for (const { labels } of items) {
      for (const [name, value] of Object.entries(labels)) found.add(name).add(`${name}=${value}`);
    }
    return [...found].sort().slice(0, 500);
  }, [items]);
  const id = useId();
  return (
    <>
      <Field label="Label" hint="A name, or name=value.">
        <input
          list={id}
          className="mono"
          value={filter.label}
          onChange={({ target }) => setFilter({ label: target.value })}
        />
      </Field>
      <datalist id={id}>
        {known.map((label) => (
          <option key={label} value={label} />
        ))}
      </datalist>
    </>
  );
}

interface SizeFieldProps {
  label: string;
  bytes: number | null;
  onChange: (bytes: number | null) => void;
}

function SizeField({ label, bytes, onChange }: SizeFieldProps) {
  const [text, setText] = useState(bytes === null ? '' : formatBytes(bytes));
  const size = parseSize(text);
  const isWrong = text.trim() !== '' && size === null;
  return (
    <Field label={label} error={isWrong ? 'Enter a size such as 500 MB or 1.5 GB.' : null}>
      <input
        placeholder="500 MB"
        value={text}
        onChange={({ target }) => {
          setText(target.value);
          const changed = parseSize(target.value);
          if (changed !== null || target.value.trim() === '') onChange(changed);
        }}
      />
    </Field>
  );
}

interface CheckProps {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

function Check({ label, checked, onChange }: CheckProps) {
  return (
    <label className="check">
      <input
        type="checkbox"
        checked={checked}
        onChange={({ target }) => onChange(target.checked)}
      />
      {label}
    </label>
  );
}
