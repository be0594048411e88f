const KEY =
  /^projects\/[a-z0-9:.-]+\/locations\/[a-z0-9-]+\/keyRings\/[A-Za-z0-9_-]{1,63}\/cryptoKeys\/[A-Za-z0-9_-]{1,63}$/;
const VERSION = /^(.+)\/cryptoKeyVersions\/\d+$/;

/** Whether a text is the full name of a key in Cloud KMS, without a version: the service picks the version. */
export function isKmsKeyName(text: string): boolean {
  return KEY.test(text);
}

/** The key of a key version's full name; undefined for anything else. */
export function keyOfVersion(name: string): string | undefined {
  const key = VERSION.exec(name)?.[1];
  return key !== undefined && isKmsKeyName(key) ? key : undefined;
}

/** Whether the id of a key-encryption key is one of Cloud KMS: ids of a key file have no slash. */
export function isKmsId(kekId: string): boolean {
  return kekId.includes("/");
}
