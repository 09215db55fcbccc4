import { useState } from 'react';
import { uint8ArrayToBase64 } from 'uint8array-extras';

interface ImagePreviewProps {
  bytes: Uint8Array;
  mimeType: string;
}

/** Preview of an image on a checkerboard. Scripts of an SVG do not run in an `img` element. */
export function ImagePreview({ bytes, mimeType }: ImagePreviewProps) {
  const [size, setSize] = useState<string | null>(null);
  const [isBroken, setIsBroken] = useState(false);
  if (isBroken) return <p className="preview-note soft">This image cannot be displayed.</p>;
  return (
    <figure className="preview-image">
      <div className="checker">
        <img
          src={`data:${mimeType};base64,${uint8ArrayToBase64(bytes)}`}
          alt="File preview"
          draggable={false}
          onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
            setSize(`${naturalWidth} × ${naturalHeight}`)
          }
          onError={() => setIsBroken(true)}
        />
      </div>
      <figcaption className="soft">{size ?? ' '}</figcaption>
    </figure>
  );
}
