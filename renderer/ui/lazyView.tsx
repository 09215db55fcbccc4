import { type ComponentType, Suspense, use } from 'react';
import { Button } from './Button';
import { EmptyState } from './EmptyState';
import './lazyView.css';

/** Milliseconds after which the views are loaded even if the page never becomes idle. */
const MAX_IDLE_WAIT_MS = 500;

type Placement = 'page' | 'dialog';

const placementClass = { page: 'in-page', dialog: 'over-page' } as const;

const preloads: Array<() => Promise<unknown>> = [];

/**
 * Wraps a component that is loaded when it is first rendered, or earlier by `preloadLazyViews`. Once
 * loaded, it renders without suspending.
 *
 * @param placement layout of the loading and failure messages
 */
export function lazyView<P extends object>(
  load: () => Promise<ComponentType<P>>,
  placement: Placement = 'page',
): ComponentType<P> {
  let component: ComponentType<P> | null = null;
  let loading: Promise<ComponentType<P>> | null = null;

  const preload = (): Promise<ComponentType<P>> => {
    loading ??= load()
      .catch((thrown: unknown): ComponentType<P> => {
        console.error('Failed to load a view:', thrown);
        return () => <LoadFailed placement={placement} />;
      })
      .then((loaded) => {
        component = loaded;
        return loaded;
      });
    return loading;
  };
  preloads.push(preload);

  function LoadedView(props: P) {
    const Component = component ?? use(preload());
    return <Component {...props} />;
  }

  return function LazyView(props: P) {
    return (
      <Suspense fallback={<Loading placement={placement} />}>
        <LoadedView {...props} />
      </Suspense>
    );
  };
}

/** Loads all lazy views once the page is idle, so that later clicks do not wait for a script. */
export function preloadLazyViews(): void {
  requestIdleCallback(
    () => {
      for (const preload of preloads) void preload();
    },
    { timeout: MAX_IDLE_WAIT_MS },
  );
}

function Loading({ placement }: { placement: Placement }) {
  return (
    <div className={`lazy-loading ${placementClass[placement]}`}>
      <p className="soft" role="status">
        Loading…
      </p>
    </div>
  );
}

/** Shown when the app's files were removed or replaced while it was running. */
function LoadFailed({ placement }: { placement: Placement }) {
  return (
    <div className={`lazy-failed ${placementClass[placement]}`} role="alert">
      <EmptyState
        title="This view could not be loaded"
        action={
          <Button variant="primary" onClick={() => window.location.reload()}>
            Reload window
          </Button>
        }
      >
        Sandglass may have been moved or updated while it was running. If reloading does not help,
        quit and restart it.
      </EmptyState>
    </div>
  );
}
