/** What a bucket's data key is bound to when it is wrapped: in another bucket's row, or as another version, it does not open. */
export function bucketKeyContext(bucketId: string, version: number): string {
  return `relay bucket key ${bucketId} ${version}`;
}
