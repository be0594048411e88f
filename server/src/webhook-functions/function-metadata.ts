import type { Bucket, Input, Output } from "../catalog/model.js";

/** What a function is told of where its webhook came from and where it goes. */
export function functionMetadata({
  bucket,
  input,
  output,
}: {
  readonly bucket: Bucket;
  readonly input: Pick<Input, "id" | "name"> | undefined;
  readonly output: Output | undefined;
}): Record<string, string> {
  return {
    bucket_id: bucket.id,
    bucket_name: bucket.name,
    ...(input === undefined ? {} : { input_id: input.id, input_name: input.name }),
    ...(output === undefined ? {} : { output_id: output.id, output_name: output.name, output_url: output.destination }),
  };
}
