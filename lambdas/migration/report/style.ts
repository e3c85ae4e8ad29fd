/** The report's look: the console's colours, nothing loaded from elsewhere. Charts keep their colours on paper. */
export const style = `
:root{color-scheme:light dark;--ground:light-dark(#f5f6f9,#0d1015);--surface:light-dark(#fff,#161a21);--sunken:light-dark(#e6e9f0,#262d38);
--ink:light-dark(#12161d,#e9ecf1);--muted:light-dark(#586172,#9ca6b5);--line:light-dark(#e1e5ec,#272d37);--accent:light-dark(#2f55e0,#8aa4ff);
--done:light-dark(#12936a,#36c590);--done-ink:light-dark(#0a6e4e,#5bdcab);--aside:light-dark(#e09a1a,#e8ab42);--aside-ink:light-dark(#8a5300,#f3c06c);
--bad:light-dark(#c9372c,#ff8f84);--bad-ink:light-dark(#b3261e,#ff8f84);--wait:light-dark(#b4bccb,#4a5464);
font:15px/1.5 system-ui,-apple-system,"Apple SD Gothic Neo","Noto Sans KR","Malgun Gothic",sans-serif}
*{box-sizing:border-box}
body,h1,h2,h3,p,ul,dl,dd{margin:0;padding:0}
body{background:var(--ground);color:var(--ink);word-break:keep-all;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
main{max-width:1040px;margin:0 auto;padding:24px clamp(14px,4vw,32px) 48px;display:grid;gap:16px}
.en{color:var(--muted);font-weight:400;font-size:.84em}
header,section,.tile{background:var(--surface);border:1px solid var(--line);border-radius:12px;padding:20px 22px;min-width:0;break-inside:avoid}
header{border-left:6px solid var(--tone)}
header.good{--tone:var(--done)}header.aside{--tone:var(--aside)}header.bad{--tone:var(--bad)}
.brand{color:var(--muted);font-size:14px}
h1{font-size:clamp(22px,3.4vw,30px);line-height:1.25;letter-spacing:-.02em;margin-top:6px}
h1 .en{display:block;font-size:.56em;letter-spacing:0;margin-top:4px}
.reason{margin-top:14px;padding:12px 14px;border-radius:8px;background:var(--ground);white-space:pre-wrap}
h2{font-size:17px;letter-spacing:-.01em}
h3{font-size:14px;margin-top:16px}
section>*+*{margin-top:12px}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(160px,1fr));gap:16px}
.tile{padding:16px 18px}.tile h2{font-size:13px;font-weight:500;color:var(--muted)}
.value{font-size:24px;font-weight:700;letter-spacing:-.02em;line-height:1.3;margin-top:2px}.detail{font-size:13px;color:var(--muted)}
.tile .bar{height:6px;margin:4px 0}
.scroll{overflow-x:auto}
table{width:100%;border-collapse:collapse}
th,td{padding:9px 10px;text-align:right;border-top:1px solid var(--line);vertical-align:middle}
th:first-child{text-align:left;padding-left:0}td:last-child,th:last-child{padding-right:0}
thead th{border-top:0;font-size:13px;font-weight:500;color:var(--muted);padding-top:0;white-space:nowrap}
tbody th,tfoot th{font-weight:600}tfoot td,tfoot th{border-top:2px solid var(--line);font-weight:600}
td{white-space:nowrap}
td small,th small{display:block;font-size:12px;font-weight:400;color:var(--muted)}
.wide{width:38%;min-width:170px}td.wide{display:table-cell;text-align:left}
.share{font-size:12px;color:var(--muted)}
.bar{display:block;width:100%;height:14px;border-radius:4px}
.ground{fill:var(--sunken)}.completed{fill:var(--done)}.quarantined{fill:var(--aside)}.pending{fill:var(--wait)}.rate{fill:var(--accent)}
.key{width:11px;height:11px;margin-right:6px;border-radius:3px;vertical-align:-1px}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;font-size:13px}
.note{font-size:14px}
.chips{display:flex;flex-wrap:wrap;gap:6px;margin-top:12px;font-size:14px}.chips span:not(.en){padding:2px 10px;border:1px solid var(--line);border-radius:99px}
.good{color:var(--done-ink)}.bad{color:var(--bad-ink);font-weight:600}.aside{color:var(--aside-ink)}.zero{color:var(--muted)}
header.good,header.bad,header.aside{color:inherit;font-weight:inherit}
ul{list-style:none}
.classes{display:grid;gap:14px}.classes li{display:grid;grid-template-columns:1fr auto;gap:4px 12px;break-inside:avoid}
.classes .bar,.classes .where{grid-column:1/-1}.classes .bar{height:10px}
.count{font-weight:700}.count .en{font-weight:400}
.where{display:flex;flex-wrap:wrap;gap:2px 16px;font-size:13px;color:var(--muted)}
code{font:12.5px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;background:var(--ground);border-radius:4px;padding:1px 5px}
.findings{display:grid;gap:6px;margin-top:6px;font-size:14px}.columns{color:var(--bad-ink)}
dl{display:flex;flex-wrap:wrap;gap:10px 32px}dt{font-size:13px;color:var(--muted)}dd{font-weight:600}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
footer{color:var(--muted);font-size:13px}
@media (max-width:640px){header,section{padding:16px}.tiles{gap:10px;grid-template-columns:1fr 1fr}.value{font-size:20px}thead th .en{display:block}th,td{padding-inline:5px}
.accounts thead{display:none}.accounts tr{display:grid;grid-template-columns:1fr 1fr;gap:2px 16px;padding:10px 0;border-top:1px solid var(--line)}
.accounts th,.accounts td{display:block;border:0;padding:0;text-align:left}.accounts th,.accounts .wide{grid-column:1/-1;width:auto}
.accounts td[data-label]::before{content:attr(data-label) " ";color:var(--muted)}.accounts small{display:inline;margin-left:6px}}
@media print{:root{color-scheme:light;font-size:12px}body{background:#fff}main{padding:0;max-width:none;gap:10px}
svg,header{print-color-adjust:exact;-webkit-print-color-adjust:exact}.scroll{overflow:visible}}
`;
