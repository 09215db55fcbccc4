import { useEffect, useState } from 'react';
import { operations } from '../../api/operations';

/** References of Docker's local images; empty until loaded and without Docker. */
export function useLocalImages(): readonly string[] {
  const [references, setReferences] = useState<readonly string[]>([]);
  useEffect(() => {
    let isCurrent = true;
    operations.engine.images().then(
      (answer) => isCurrent && setReferences(answer.references),
      // Suggestions are optional; other views report Docker's errors.
      () => {},
    );
    return () => {
      isCurrent = false;
    };
  }, []);
  return references;
}
