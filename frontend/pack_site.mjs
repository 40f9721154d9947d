// Lays out the site: pkg/ with content-hashed names, the assets, everything compressed beforehand, and manifest.json.
// usage: node pack_site.mjs BOUND_WASM_FOLDER STYLE_FOLDER SITE_FOLDER
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const [bound, style, site] = process.argv.slice(2);
const pkg = join(site, "pkg");
const WORTH_COMPRESSING = new Set([".js", ".wasm", ".css", ".svg", ".json", ".txt", ".ico", ".webmanifest"]);

/** Writes the file under a name that changes with its content, so that browsers may keep it for ever. */
function named(stem, extension, content) {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 12);
  const name = `${stem}.${hash}.${extension}`;
  writeFileSync(join(pkg, name), content);
  return name;
}

function everyFile(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? everyFile(path) : [path];
  });
}

function compress(path) {
  const content = readFileSync(path);
  const best = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length } };
  writeFileSync(`${path}.br`, brotliCompressSync(content, best));
  writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
}

mkdirSync(pkg, { recursive: true });
if (existsSync(join(style, "assets"))) cpSync(join(style, "assets"), site, { recursive: true });
// The script's own snippets are imported by relative paths, which already hold a hash.
if (existsSync(join(bound, "snippets"))) cpSync(join(bound, "snippets"), join(pkg, "snippets"), { recursive: true });

const wasm = named("tenantatlas", "wasm", readFileSync(join(bound, "tenantatlas_bg.wasm")));
const script = readFileSync(join(bound, "tenantatlas.js"), "utf8").replaceAll("tenantatlas_bg.wasm", wasm);
const js = named("tenantatlas", "js", script);
const css = named("main", "css", readFileSync(join(style, "main.css")));

for (const path of everyFile(site)) if (WORTH_COMPRESSING.has(extname(path))) compress(path);
writeFileSync(join(site, "manifest.json"), `${JSON.stringify({ js, wasm, css })}\n`);
