// Shows SARIF logs in the panel of VS Code's SARIF viewer: node panel.mjs [--picture FILE.png] PANEL LOG.sarif …
//
// PANEL is the folder `out` of a checkout of https://github.com/microsoft/sarif-vscode-extension after `npm ci` and
// `npx webpack --config-name Panel --mode production`. Prints a JSON object for each log: its path, the errors of the
// page, the rows of the panel, and for the first result of each sentence its row, what its details say when it is clicked,
// the steps of its way, and the place that the editor is told to select. CHROMIUM names the browser. Set up with
// `npm install --legacy-peer-deps`.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import puppeteer from 'puppeteer-core'

const { values, positionals } = parseArgs({ options: { picture: { type: 'string' } }, allowPositionals: true })
const [panel, ...logs] = positionals
const code = String(pathToFileURL(join(panel, 'panel.js')))

const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync', '--no-first-run'],
})
for (const path of logs) {
  const page = await browser.newPage()
  const errors = []
  page.on('pageerror', error => errors.push(String(error)))
  page.on('console', message => message.type() === 'error' && errors.push(message.text()))
  await page.setViewport({ width: 1280, height: 900 })
  await page.goto(code) // what is on a disk may load its fonts from there
  await page.setContent('<meta charset="utf-8"><body class="vscode-light pageIndex"><div id="root"></div>')
  await page.evaluate(() => {
    window.posted = []
    window.vscode = { postMessage: async message => window.posted.push(message) }
  })
  await page.addScriptTag({ url: code })
  const { rows, results } = await page.evaluate(async text => {
    const on = (...names) => Object.fromEntries(names.map(name => [name, 'visible']))
    const store = new Store({
      filtersRow: {
        Level: on('Error', 'Warning', 'Note', 'None'),
        Baseline: on('New', 'Unchanged', 'Updated', 'Absent'),
        Suppression: on('Not Suppressed', 'Suppressed'),
      },
      filtersColumn: { Columns: on('Baseline', 'Suppression', 'Rule') },
    }, 'file:///workspace/')
    ReactDOM.render(React.createElement(Index, { store }), document.getElementById('root'))
    const event = { command: 'spliceLogs', removed: [], added: [{ text, uri: 'file:///workspace/.sarif/a.sarif' }] }
    await store.onMessage({ data: event })
    const settled = () => new Promise(resolve => setTimeout(resolve, 0))
    const details = async name => {
      const tabs = [...document.querySelectorAll('.svDetailsPane .svTabs .svListItem')]
      tabs.find(tab => tab.textContent.startsWith(name)).click()
      await settled()
      return document.querySelector('.svDetailsPane .svDetailsBody')
    }
    for (const group of document.querySelectorAll('.svTableRowGroup:has(.codicon-chevron-right)')) group.click()
    await settled()
    const rows = [...document.querySelectorAll('.svTableRowItem')]
    const sentences = new Map(rows.toReversed().map(row => [row.innerText.replace(/^\d+|'[^']*'/g, ''), row]))
    const results = []
    for (const row of sentences.values()) {
      window.posted.length = 0
      row.click()
      await settled()
      const selected = window.posted.find(message => message.command === 'select')
      const steps = (await details('Analysis Steps')).querySelectorAll('.svListItem')
      const way = [...steps].map(step => step.innerText)
      results.push({ row: row.innerText, info: (await details('Info')).innerText, way, selected })
    }
    return { rows: rows.map(row => row.innerText), results }
  }, readFileSync(path, 'utf-8'))
  if (values.picture) {
    await page.addStyleTag({ content: 'body { font: 13px sans-serif; --vscode-font-family: sans-serif }' })
    await page.evaluate(async text => {
      const rows = [...document.querySelectorAll('.svTableRowItem')]
      rows.find(row => row.innerText === text).click()
      await new Promise(resolve => setTimeout(resolve, 500))
    }, results.find(result => result.way.length).row)
    await page.screenshot({ path: values.picture })
  }
  console.log(JSON.stringify({ path, errors, rows, results }))
  await page.close()
}
await browser.close()
