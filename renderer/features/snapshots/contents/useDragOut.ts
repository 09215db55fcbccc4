import { type DragEvent, useState } from 'react';
import { SandglassError } from '#shared/errors';
import { toastError } from '../../../ui/toastError';

/** The entry being prepared for dragging out of the window. */
export interface DragOut {
  name: string;
  /** Whether preparation outlasted the mouse press, so that the entry must be dragged again. */
  isReady: boolean;
}

/**
 * Drags an entry out of the window as a file. The entry is extracted first; if that takes longer than
 * the mouse button is held, the next drag succeeds.
 */
export function useDragOut(snapshotId: string) {
  const [dragged, setDragged] = useState<DragOut | null>(null);

  const extractAndDrag = async (path: string, name: string) => {
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
    // The default drag would be an image of the row.
    event.preventDefault();
    void toastError(extractAndDrag(path, name));
  };
  return { dragged, onDragStart };
}
