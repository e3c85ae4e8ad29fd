import type { AskHttp } from './http-origin.ts';

/** Stands where LinkPick's own site would: a page that says so, whatever its path. It names the request, and nothing in it runs. */
export const linkPickPage: AskHttp = async ({ request, message }) => {
  message.resume();
  const path = request.uri.replace(/[<>&"]/g, (character) => `&#${character.charCodeAt(0)};`);
  const page =
    '<!DOCTYPE html><html lang="ko"><head><meta charset="utf-8"><title>LinkPick</title></head>' +
    `<body><h1>LinkPick</h1><p>기존 서비스의 페이지 자리입니다. <span lang="en">In place of LinkPick’s page.</span></p><p><code>${path}</code></p></body></html>`;
  const headers = { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store', 'x-cache': 'Miss from cloudfront' };
  return { status: 200, headers, body: Buffer.from(page) };
};
