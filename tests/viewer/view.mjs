// Shows SARIF logs in Microsoft's web component: node view.mjs [--picture FILE.png] LOG.sarif …
//
// Prints a JSON object for each log: its path, the text of the page with everything unfolded, and the errors of the
// page. CHROMIUM names the browser. Set up with `npm install --legacy-peer-deps`.

import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'
import puppeteer from 'puppeteer-core'

const { values, positionals } = parseArgs({ options: { picture: { type: 'string' } }, allowPositionals: true })

const entry = `
  import * as React from 'react'
  import * as ReactDOM from 'react-dom'
  import { Viewer } from '@microsoft/sarif-web-component'
  window.show = log => ReactDOM.render(
    React.createElement(Viewer, { logs: [log], showSuppression: true }), document.getElementById('viewer'))
`
const bundle = await build({
  stdin: { contents: entry, resolveDir: import.meta.dirname },
  bundle: true,
  write: false,
  logLevel: 'error',
  define: { 'process.env.NODE_ENV': '"production"', global: 'window' },
  loader: { '.woff': 'dataurl', '.woff2': 'dataurl', '.svg': 'dataurl' },
})

const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync', '--no-first-run'],
})
for (const path of positionals) {
  const page = await browser.newPage()
  const errors = []
  page.on('pageerror', error => errors.push(String(error)))
  page.on('console', message => message.type() === 'error' && errors.push(message.text()))
  const log = readFileSync(path, 'utf-8')
  // Rows are made only where they can be seen.
  await page.setViewport({ width: 1280, height: 1000 + 300 * JSON.parse(log).runs[0].results.length })
  await page.setContent('<meta charset="utf-8"><body style="margin:0"><div id="viewer"></div>')
  await page.addScriptTag({ content: bundle.outputFiles[0].text })
  await page.evaluate(text => window.show(JSON.parse(text)), log)
  if (JSON.parse(log).runs[0].results.length) await page.waitForSelector('tr[aria-expanded]', { timeout: 5000 }).catch(() => {})
  await page.evaluate(async () => {
    // Groups and long lists unfold one after the other; each may bring new ones, later on a busy machine.
    for (let round = 0, quiet = 0; round < 60 && quiet < 5; round++) {
      const folded = [...document.querySelectorAll('tr[aria-expanded="false"]')]
      const more = [...document.querySelectorAll('tr')].filter(row => row.textContent.trim() === 'Show All')
      quiet = folded.length || more.length ? 0 : quiet + 1
      for (const each of [...folded, ...more]) each.click()
      await new Promise(resolve => setTimeout(resolve, 100))
    }
  })
  if (values.picture) await page.screenshot({ path: values.picture, clip: { x: 0, y: 0, width: 1280, height: 900 } })
  const text = await page.evaluate(() => document.body.innerText)
  console.log(JSON.stringify({ path, text, errors }))
  await page.close()
}
await browser.close()
