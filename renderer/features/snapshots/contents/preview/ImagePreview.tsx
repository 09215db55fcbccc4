import { useState } from 'react';
import { uint8ArrayToBase64 } from 'uint8array-extras';

interface ImagePreviewProps {
  bytes: Uint8Array;
  mimeType: string;
}

/** An image, also an SVG, which runs nothing in an `img`; a checker shows through where it is clear. */
export function ImagePreview({ bytes, mimeType }: ImagePreviewProps) {
  const [size, setSize] = useState<string | null>(null);
  const [isBroken, setIsBroken] = useState(false);
  if (isBroken) return <p className="preview-note soft">This image is damaged.</p>;
  return (
    <figure className="preview-image">
      <div className="checker">
        <img
          src={`data:${mimeType};base64,${uint8ArrayToBase64(bytes)}`}
          alt="What the file shows"
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
