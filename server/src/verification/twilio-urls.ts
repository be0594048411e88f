import { parse, stringify } from "node:querystring";

/**
 * The spellings of one address that Twilio may have signed: with and without the port, and for older systems of Twilio's
 * the same with characters of path and query escaped (https://www.twilio.com/docs/usage/security#validating-requests).
 * At most six, mostly two.
 */
export function twilioUrls(url: string): string[] {
  const urls = [withoutPort(url), withPort(url)];
  if (URL.canParse(url)) {
    const normal = new URL(url).toString();
    urls.push(withoutPort(normal), withPort(normal));
    urls.push(withEscapedQuery(withoutPort(normal)), withEscapedQuery(withPort(normal)));
  }
  return [...new Set(urls)];
}

const ADDRESS = /^(https?:\/\/)((?:[^/?#@]*@)?(?:\[[^\]]*\]|[^/?#:]*))(:[0-9]*)?(.*)$/i;

function withoutPort(url: string): string {
  return url.replace(ADDRESS, "$1$2$4");
}

function withPort(url: string): string {
  return url.replace(ADDRESS, (_, scheme: string, host: string, port: string | undefined, rest: string) => {
    const standard = scheme.toLowerCase() === "https://" ? ":443" : ":80";
    return `${scheme}${host}${port ?? standard}${rest}`;
  });
}

function withEscapedQuery(url: string): string {
  const question = url.indexOf("?");
  if (question < 0) return url;
  return `${url.slice(0, question + 1)}${stringify(parse(url.slice(question + 1)))}`;
}
