import type Database from 'better-sqlite3';

/**
 * Cache of the layers of images, by image id. An image's layers never change, and Docker returns them only
 * by an inspection of each image, which takes long for thousands.
 */
export class ImageLayerRepository {
  private readonly statements;

  constructor(private readonly database: Database.Database) {
    this.statements = {
      addLayer: database.prepare<[string, number | null]>(
        'INSERT INTO layers (chain_id, below_id) VALUES (?, ?)',
      ),
      findLayer: database
        .prepare<[string], number>('SELECT id FROM layers WHERE chain_id = ?')
        .pluck(),
      addImage: database.prepare<[string, number | null]>(
        'INSERT OR REPLACE INTO image_layers (image_id, top_id) VALUES (?, ?)',
      ),
      removeImage: database.prepare<[string]>('DELETE FROM image_layers WHERE image_id = ?'),
    };
  }

  /** Chain ids of the layers by image id, lowest layer first. */
  all(): Map<string, string[]> {
    const layers = new Map(
      this.database
        .prepare<[], { id: number; chainId: string; belowId: number | null }>(
          'SELECT id, chain_id AS chainId, below_id AS belowId FROM layers',
        )
        .all()
        .map((layer) => [layer.id, layer]),
    );
    const images = this.database
      .prepare<[], { imageId: string; topId: number | null }>(
        'SELECT image_id AS imageId, top_id AS topId FROM image_layers',
      )
      .all();
    return new Map(
      images.map(({ imageId, topId }) => {
        const chain: string[] = [];
        for (let id = topId; id !== null; ) {
          const layer = layers.get(id);
          if (layer) chain.push(layer.chainId);
          id = layer?.belowId ?? null;
        }
        return [imageId, chain.reverse()];
      }),
    );
  }

  save(imageId: string, chain: readonly string[]): void {
    const { addLayer, findLayer, addImage } = this.statements;
    this.database.transaction(() => {
      let topId: number | null = null;
      for (const chainId of chain) {
        topId = findLayer.get(chainId) ?? Number(addLayer.run(chainId, topId).lastInsertRowid);
      }
      addImage.run(imageId, topId);
    })();
  }

  /** Removes images, and the layers that no other image has. */
  remove(imageIds: readonly string[]): void {
    this.database.transaction(() => {
      for (const imageId of imageIds) this.statements.removeImage.run(imageId);
      this.database.exec(`
        WITH RECURSIVE used (id) AS (
          SELECT top_id FROM image_layers WHERE top_id IS NOT NULL
          UNION
          SELECT below_id FROM layers JOIN used USING (id) WHERE below_id IS NOT NULL
        )
        DELETE FROM layers WHERE id NOT IN used`);
    })();
  }
}
