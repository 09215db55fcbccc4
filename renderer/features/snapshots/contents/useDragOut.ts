import { type DragEvent, useState } from 'react';
import { SandglassError } from '#shared/errors';
import { toastError } from '../../../ui/toastError';

/** What was dragged last, until its drag has begun. */
export interface DragOut {
  name: string;
  /** It took longer than the button was held: it can be dragged now. */
  isReady: boolean;
}

/**
 * Drags an entry out of the window, as a file. It is brought out of the snapshot first: when that takes
 * longer than the button is held, the next drag has it.
 */
export function useDragOut(snapshotId: string) {
  const [dragged, setDragged] = useState<DragOut | null>(null);

  const bringOut = async (path: string, name: string) => {
    let isHeld = true;
    const release = () => {
      isHeld = false;
    };
    window.addEventListener('pointerup', release, { once: true });
    window.addEventListener('blur', release, { once: true });
    setDragged({ name, isReady: false });
    try {
      const error = await window.sandglass.prepareDrag(snapshotId, path);
      if (error) throw SandglassError.fromInfo(error);
      if (isHeld) window.sandglass.startDrag(snapshotId, path);
      setDragged(isHeld ? null : { name, isReady: true });
    } catch (thrown) {
      setDragged(null);
      throw thrown;
    } finally {
      window.removeEventListener('pointerup', release);
      window.removeEventListener('blur', release);
    }
  };

  const onDragStart = (event: DragEvent, path: string, name: string) => {
    // The page's own drag would be a picture of the row.
    event.preventDefault();
    void toastError(bringOut(path, name));
  };
  return { dragged, onDragStart };
}
