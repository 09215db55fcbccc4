import { type ComponentType, Suspense, use } from 'react';
import { Button } from './Button';
import { EmptyState } from './EmptyState';
import './lazyView.css';

/** A page that is never idle loads them too. Milliseconds. */
const LONGEST_REST_MS = 500;

type Place = 'page' | 'dialog';

const placeClass = { page: 'in-page', dialog: 'over-page' } as const;

const preloads: Array<() => Promise<unknown>> = [];

/**
 * A part of the window with a script of its own, loaded when it is first shown, or before that by
 * `preloadAll`. Once it is there it is drawn at once, like any other component.
 *
 * @param place where it says that it is being loaded, should that take long enough to be seen
 */
export function onDemand<P extends object>(
  load: () => Promise<ComponentType<P>>,
  place: Place = 'page',
): ComponentType<P> {
  let part: ComponentType<P> | null = null;
  let loading: Promise<ComponentType<P>> | null = null;

  const preload = (): Promise<ComponentType<P>> => {
    loading ??= load()
      .catch((thrown: unknown): ComponentType<P> => {
        console.error('A part of the window could not be loaded:', thrown);
        return () => <NotLoaded place={place} />;
      })
      .then((loaded) => {
        part = loaded;
        return loaded;
      });
    return loading;
  };
  preloads.push(preload);

  function Part(props: P) {
    const Loaded = part ?? use(preload());
    return <Loaded {...props} />;
  }

  return function OnDemand(props: P) {
    return (
      <Suspense fallback={<Waiting place={place} />}>
        <Part {...props} />
      </Suspense>
    );
  };
}

/** Loads every part as soon as the page has nothing else to do, so that a later click finds it there. */
export function preloadAll(): void {
  requestIdleCallback(
    () => {
      for (const preload of preloads) void preload();
    },
    { timeout: LONGEST_REST_MS },
  );
}

function Waiting({ place }: { place: Place }) {
  return (
    <div className={`part-waiting ${placeClass[place]}`}>
      <p className="soft" role="status">
        Loading…
      </p>
    </div>
  );
}

/** The files of a running app were taken away, or replaced by another version's. */
function NotLoaded({ place }: { place: Place }) {
  return (
    <div className={`part-missing ${placeClass[place]}`} role="alert">
      <EmptyState
        title="This part of the window cannot be loaded"
        action={
          <Button look="primary" onClick={() => window.location.reload()}>
            Load the window again
          </Button>
        }
      >
        Sandglass may have been moved or updated while it ran. If loading it again does not help,
        quit and start it anew.
      </EmptyState>
    </div>
  );
}
