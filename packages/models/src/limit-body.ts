/** In a failed read of a body, the code of its cause when the body was too long. */
export const BODY_TOO_LARGE = 'EBODYTOOLARGE';

/**
 * The same answer, whose body fails once it is longer than this: an endpoint that goes on sending must not fill the memory of whoever asked.
 * The connection is closed with it.
 */
export function limitBody(response: Response, bytesMax: number): Response {
  if (response.body === null) return response;
  let seen = 0;
  const counted = response.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        seen += chunk.byteLength;
        if (seen <= bytesMax) return controller.enqueue(chunk);
        const error = new Error(`the body is longer than ${bytesMax} bytes`);
        controller.error(Object.assign(error, { code: BODY_TOO_LARGE }));
      },
    }),
  );
  return new Response(counted, response);
}
