/* sendFile - an upload that tells how far it is, which fetch does not. */
import { ApiError, type Client, type Problem, type Schemas } from "../../client/api";

export function sendFile(
  client: Client,
  apiKey: string,
  form: FormData,
  key: string,
  onSent: (fraction: number) => void,
): Promise<Schemas["Submitted"]> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", client.url("/api/jobs/upload-and-categorize"));
    request.responseType = "json";
    request.setRequestHeader("Idempotency-Key", key);
    if (apiKey) request.setRequestHeader("Authorization", `Bearer ${apiKey}`);
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onSent(event.loaded / event.total);
    };
    request.onerror = () => reject(new ApiError(0, "unreachable", "daybook does not answer"));
    request.onload = () => {
      const answer: unknown = request.response;
      if (request.status < 300) return resolve(answer as Schemas["Submitted"]);
      const problem = answer as Problem | null;
      reject(
        new ApiError(
          request.status,
          problem?.code ?? `http-${request.status}`,
          problem?.detail ?? `The server answered with ${request.status}`,
          problem,
        ),
      );
    };
    request.send(form);
  });
}
