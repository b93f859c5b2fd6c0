function e(e,t){return e.filter(e=>e.loc[1]===t).map(({loc:e,msg:t})=>({line:typeof e[2]==`number`?e[2]:0,column:typeof e[3]==`number`?e[3]:0,message:t})).sort((e,t)=>e.line-t.line||e.column-t.column)}function t(e,t,n){let r=e.split(`
`),i=r.slice(0,Math.max(0,t-1)).reduce((e,t)=>e+t.length+1,0),a=[...r[t-1]??``].slice(0,Math.max(0,n-1)).join(``);return Math.min(i+a.length,e.length)}function n(e,t){let n=e.trimEnd();return`${n}${n?`

`:``}${t.trimEnd()}\n`}export{t as n,n as r,e as t};