/**
 * One rule for each way of stepping in. What a rule does is decided by a word in the name of the file
 * that `touch` makes, so that the file system tells whether the command ran.
 */
export const LAB_RULES = `
apiVersion: chaperone/v1
kind: RulePack
metadata: { name: lab, version: 1.0.0 }
rules:
  - id: lab-no-tree-removal
    name: Trees are not removed
    criticality: high
    score: 40
    match: { command: { exec: rm, flags: { all: [recursive, force] } } }
    action: block
    message: Removing whole trees is not permitted here.
    tests:
      - { line: "rm -rf victim", expect: block }
      - { line: "rm victim", expect: false }
  - id: lab-warn
    name: Warned files
    match: { command: { exec: touch, args: { any: { contains: warned } } } }
    action: warn
    message: Somebody will ask you about this file.
    tests: [ { line: "touch warned-1", expect: warn }, { line: "touch other", expect: false } ]
  - id: lab-alert
    name: Alerted files
    match: { command: { exec: touch, args: { any: { contains: alerted } } } }
    action: alert
    tests: [ { line: "touch alerted-1", expect: alert }, { line: "touch other", expect: false } ]
  - id: lab-kill
    name: Deadly files
    criticality: critical
    match: { command: { exec: touch, args: { any: { contains: deadly } } } }
    action: kill
    message: This ends your session.
    tests: [ { line: "touch deadly-1", expect: kill }, { line: "touch other", expect: false } ]
  - id: lab-guarded
    name: Guarded files
    match: { command: { exec: touch, args: { any: { contains: guarded } } } }
    action: { do: reauth, factors: [totp], attempts: 2, timeout: 60s, grace: 0s }
    message: Show that it is you.
    tests: [ { line: "touch guarded-1", expect: reauth }, { line: "touch other", expect: false } ]
  - id: lab-graced
    name: Files with a grace period
    match: { command: { exec: touch, args: { any: { contains: graced } } } }
    action: { do: reauth, factors: [totp], attempts: 2, timeout: 60s, grace: 5m }
    tests: [ { line: "touch graced-1", expect: reauth }, { line: "touch other", expect: false } ]
  - id: lab-hurried
    name: Files that are asked about for two seconds only
    match: { command: { exec: touch, args: { any: { contains: hurried } } } }
    action: { do: reauth, factors: [totp], attempts: 2, timeout: 2s, grace: 0s }
    tests: [ { line: "touch hurried-1", expect: reauth }, { line: "touch other", expect: false } ]
`;
