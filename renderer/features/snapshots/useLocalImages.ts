import { useEffect, useState } from 'react';
import { operations } from '../../api/operations';

/** The references of the images that Docker has; none while it is not known, or Docker is away. */
export function useLocalImages(): readonly string[] {
  const [references, setReferences] = useState<readonly string[]>([]);
  useEffect(() => {
    let wanted = true;
    operations.engine.images().then(
      (answer) => wanted && setReferences(answer.references),
      // They only spare typing: what is wrong with Docker is said elsewhere.
      () => {},
    );
    return () => {
      wanted = false;
    };
  }, []);
  return references;
}
