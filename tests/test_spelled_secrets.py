"""Secrets in many spellings: whatever line is shown, they are not."""

from __future__ import annotations

import textwrap
from base64 import b64encode

import pytest

from pgflexlint.redaction.redactor import Redactor
from pgflexlint.redaction.scan import secret_ranges
from pgflexlint.source import SourceFile, Span
from tests.command_line import Check, Write
from tests.work import calls, characters

SPELLINGS = {
    "main.tf": [
        'A = format("postgres://%s:%s@%s/db", "u", "Hunter2Secret", var.hots)',
        'A = format(\n  "postgres://%s:%s@%s/db", # x\n  "u",\n  "Hunter2Secret",\n  var.h)',
        'A = format("Password=%s;Host=h", "Hunter2Secret")',
        'A = format("az login --password %s", "Hunter2Secret")',
        'A = join("", ["az login --password ", "Hunter2Secret", " -x"])',
        'A = join("", ["postgres://u:", var.a, "Hunter2Secret", "@h"])',
        'A = join("", ["postgres://u:", var.p, "@h/d?password=", "Hunter2Secret"])',
        'A = join("", ["Authorization: Bearer ", "Hunter2Secret"])',
        'A = "${format("postgres://u:%s@h", "Hunter2Secret")}"',
        'A = "postgres://u:${lower("Hunter2Secret")}@h"',
        'A = format("%s:5432:*:adm:%s", var.h, "Hunter2Secret")',
        "A = <<EOT\nsecrets:\n  db: Hunter2Secret\nEOT",
        'connection_string { value = "Server=h;User Id=adm;Password=Hunter2Secret;" }',
        'app_settings = { A = "host=h user=adm password=Hunter2Secret" }',
        'app_settings = { A = "jdbc:postgresql://h/db?user=adm&password=Hunter2Secret" }',
        'triggers = { u = "postgres://adm:Hunter2Secret@h/db" }',
        'env { name = "PGPASSWORD" value = "Hunter2Secret" }',
        'env { value = "Hunter2Secret" name = "PGPASSWORD" }',
        'env {\n name  = "DB_PASS"\n value = "Hunter2Secret"\n}',
        'env {\n value = "Hunter2Secret"\n name  = "DB_PASS"\n}',
        'DB_PASS = "Hunter2Secret"',
        'DBPASS = "Hunter2Secret"',
        'dbPass = "Hunter2Secret"',
        'db_pass = "Hunter2Secret"',
        'PGPASS = "Hunter2Secret"',
        'DB_PWD = "Hunter2Secret"',
        'API_KEY = "Hunter2Secret"',
        'APIKEY = "Hunter2Secret"',
        'access_key = "Hunter2Secret"',
        'storage_account_access_key = "Hunter2Secret"',
        'primary_access_key = "Hunter2Secret"',
        'A = "DefaultEndpointsProtocol=https;AccountName=x;AccountKey=Hunter2Secret==;EndpointSuffix=core.windows.net"',
        'A = "Endpoint=sb://x/;SharedAccessKeyName=n;SharedAccessKey=Hunter2Secret="',
        'A = "https://x.blob.core.windows.net/c?sv=2020&sig=Hunter2Secret"',
        'private_key = "Hunter2Secret"',
        'credentials = "Hunter2Secret"',
        'passcode = "Hunter2Secret"',
        'Passwort = "Hunter2Secret"',
        'kennwort = "Hunter2Secret"',
        'command = "psql --password=Hunter2Secret"',
        'command = "az login --password Hunter2Secret"',
        'command = "PGPASSWORD=Hunter2Secret psql"',
        "command = \"az postgres flexible-server create --admin-password 'Hunter2Secret' -n x\"",
        'secure_environment_variables = { A = "Hunter2Secret" }',
        'secure_environment_variables = {\n A = "Hunter2Secret"\n}',
        'protected_settings = jsonencode({ a = "Hunter2Secret" })',
        'protected_settings = <<EOT\n{"script": "Hunter2Secret"}\nEOT',
        'set_sensitive {\n name = "a"\n value = "Hunter2Secret"\n}',
        'set {\n name = "auth.postgresPassword"\n value = "Hunter2Secret"\n}',
        'A = sensitive("Hunter2Secret")',
        'secret {\n name = "a"\n value = "Hunter2Secret"\n}',
        'secret { name = "a" value = "Hunter2Secret" }',
        'A = jsonencode({ password = "Hunter2Secret" })',
        'A = "{\\"password\\":\\"Hunter2Secret\\"}"',
        'A = "{\\"password\\": \\"Hunter2Secret\\"}"',
        'A = "{\\"db\\": {\\"DB_PASS\\": \\"Hunter2Secret\\"}}"',
        'A = "Server=h;Password=data.Hunter2Secret;"',
        'A = "Server=h;Password=trueHunter2Secret;"',
        'A = "Server=h;Password=null;Pwd=Hunter2Secret"',
        'A = "Server=h;Password=ab\\"Hunter2Secret;"',
        "A = \"Server=h;Password='a;Hunter2Secret'\"",
        'A = "Server=h;Password=it\'sHunter2Secret;"',
        'A = "Server=h;Pwd=Hunter2Secret;"',
        'A = "Server=h;PWD = Hunter2Secret;"',
        'A = "host=h password = Hunter2Secret"',
        "A = \"host=h password='it\\\\'s Hunter2Secret'\"",
        'A = "amqp://u:a/Hunter2Secret@h/v"',
        'A = "postgresql+psycopg2://u:Hunter2Secret@h"',
        'A = "postgres://u:${var.x}Hunter2Secret@h"',
        'A = "postgres://u:Hunter2Secret${var.x}@h"',
        "A = <<EOT\npassword: Hunter2Secret\nEOT",
        "A = <<EOT\nDB_PASS=Hunter2Secret\nEOT",
        "A = <<EOT\n-----BEGIN RSA PRIVATE KEY-----\nHunter2Secret\n-----END RSA PRIVATE KEY-----\nEOT",
        'A = "-----BEGIN PRIVATE KEY-----\nHunter2Secret\n-----END"',
        'resource "kubernetes_secret" "x" {\n data = {\n  a = "Hunter2Secret"\n }\n}',
        'resource "github_actions_secret" "x" {\n plaintext_value = "Hunter2Secret"\n}',
        'A = { name = "DB_TOKEN", value = "Hunter2Secret" }',
        'A = [{ name : "DB_TOKEN", value : "Hunter2Secret" }]',
        'A = { "name" = "DB_TOKEN", "value" = "Hunter2Secret" }',
        'A = { key = "DB_TOKEN", value = "Hunter2Secret" }',
        'A = [{ value = "Hunter2Secret", type = "x", name = "DB_TOKEN" }]',
        'variable "x" {\n default = [{ name = "PGPASSWORD", value = "Hunter2Secret" }]\n}',
        "# password: Hunter2Secret",
        '# secret {\n#   value = "Hunter2Secret"\n# }',
        '{ name = "PASSWORD_URL", value = "Hunter2Secret" }',
        "# postgres://u:Hunter2Secret@h",
        "# Driver={PostgreSQL Unicode};Pwd={a;Hunter2Secret};",
        "# db:\n#   password: >-\n#     Hunter2Secret",
        "// env:\n// - name: PGPASSWORD\n//   value: Hunter2Secret",
        "/*\n * kind: Secret\n * stringData:\n *   a: Hunter2Secret\n */",
        "/* it's\nsecrets:\n  a:\n    b: Hunter2Secret\n*/",
        "A = 1 # <password>Hunter2Secret</password>",
        "A = <<EOT\n# env:\n# - name: PGPASSWORD\n#   value: Hunter2Secret\nEOT",
        '# {"name": "PGPASSWORD", "value": "Hunter2Secret"}',
        'parameter {\n name = "x_secret"\n value = "Hunter2Secret"\n}',
        'provisioner "local-exec" { environment = { PGPASSWORD = "Hunter2Secret" } }',
        'A = "bearer_token: Hunter2Secret"',
        'A = "Authorization: Bearer Hunter2Secret"',
        'client_secret = "Hunter2Secret"',
        'value = tomap({ password = "Hunter2Secret" })',
        '"db-password" = "Hunter2Secret"',
        '("db_password") = "Hunter2Secret"',
        'password: "Hunter2Secret"',
        'A = format("postgres://%s:%s@h", "u", "Hunter2Secret")',
        'A = "Data Source=h;User ID=u;Password = \\"Hunter2Secret\\";"',
        "A = \"psql 'host=h sslmode=x' -c \\\"ALTER ROLE a PASSWORD 'Hunter2Secret'\\\"\"",
        "# psql -c \"alter role a with encrypted password 'Hunter2Secret' valid until 'x'\"",
        "A = \"ALTER ROLE a PASSWORD 'it''s Hunter2Secret'\"",
        'commands = ["psql", "--password", "Hunter2Secret"]',
        'commands = [\n  "--db-password",\n  "Hunter2\\"Secret",\n]',
        'commands = ["--token", join("", ["Hunter2", "Secret"])]',
        'A = "[\\"--password\\", \\"Hunter2Secret\\"]"',
        "A = <<EOT\nenv:\n  - name: PGPASSWORD\n    value: Hunter2Secret\n  - name: PGUSER\n    value: u\nEOT",
        "A = <<EOT\nenv:\n  - value: Hunter2Secret\n    name: PGPASSWORD\nEOT",
        r'A = "password=a\\ user=Hunter2Secret"',
        "A = <<EOT\npassword=a\\ user=Hunter2Secret host=h\nEOT",
        'A = "Password=a host=Hunter2Secret;Server=h"',
        "A = <<EOT\npassword: a host=Hunter2Secret\nEOT",
        'A = <<EOT\nPassword="a;b=Hunter2Secret"\nEOT',
        'A = <<EOT\nServer=h;Password="a;b=Hunter2Secret"\nEOT',
        "A = <<EOT\n- name: App\\newDbPassword\n  value: Hunter2Secret\nEOT",
        'A = "[{\\"name\\":\\"App\\\\\\\\DbPassword\\",\\"value\\":\\"Hunter2Secret\\"}]"',
        'A = "- name: App\\\\newDbPassword\\n  value: Hunter2Secret\\n- name: A"',
        'A = "- name: PGPASSWORD\\n  value: Hunter2Secret\\n- name: A"',
        'A = "[{\\"name\\":\\"PGPASSWORD\\",\\"value\\":\\"Hunter2Secret\\"}]"',
        'A = "[{\\"name\\":\\"PGPASSWORD\\",\\"value\\":\\"it\'s Hunter2Secret\\"}]"',
        'A = "[{\\"value\\":\\"Hunter2Secret\\",\\"name\\":\\"PGPASSWORD\\"}]"',
        "A = <<EOT\npsql-a.postgres.database.azure.com:5432:d:adm:Hunter2Secret\nEOT",
        "A = <<EOT\n${azurerm_x.y.fqdn}:5432:*:adm:Hunter2Secret\nEOT",
        'A = "*:*:*:adm:Hunter2Secret"',
        'sensitive_body = { properties = { a = "Hunter2Secret" } }',
        'manifest = { kind = "Secret", metadata = { name = "x" }, stringData = { a = "Hunter2Secret" } }',
        'manifest = {\n data = {\n  "a" = "Hunter2Secret"\n }\n "kind" = "Secret"\n}',
        'output "o" {\n sensitive = true\n value = "Hunter2Secret"\n}',
        'A = "ALTER ROLE a PASSWORD $$Hunter2Secret$$;"',
        'A = "ALTER ROLE a PASSWORD $x$Hunter2Secret$x$;"',
        "A = \"CREATE USER a IDENTIFIED BY 'Hunter2Secret'\"",
        'A = format("ALTER ROLE a PASSWORD \'%s\'", "Hunter2Secret")',
        'A = join("", ["ALTER ROLE a PASSWORD \'", "Hunter2Secret", "\'"])',
        "A = \"ALTER ROLE a PASSWORD 'x${var.x}Hunter2Secret'\"",
        "A = <<EOT\npsql -c 'ALTER ROLE a PASSWORD '\"'\"'Hunter2Secret'\"'\"''\nEOT",
        "A = <<EOT\npsql -c 'ALTER ROLE a PASSWORD '\\''Hunter2Secret'\\'''\nEOT",
        "A = <<EOT\nALTER ROLE a PASSWORD\n  E'x\\'Hunter2Secret';\nEOT",
        'A = "password: |\\n  Hunter2Secret\\n"',
        'A = "kind: Secret\\nstringData:\\n  a: Hunter2Secret"',
        'A = "stringData:\\n  a: Hunter2Secret\\nkind: \\"Secret\\" # x"',
        'A = "{\\"a\\": \\"password: |\\\\n  Hunter2Secret\\\\n\\"}"',
        'A = <<EOT\n"password": |\n  Hunter2Secret\nEOT',
        "A = <<EOT\n'password': >-\n  Hunter2Secret\nEOT",
        "A = <<EOT\npassword: | # x\n  Hunter2Secret\nEOT",
        "A = <<EOT\npassword:  # x\n  Hunter2Secret\nEOT",
        "A = <<EOT\npassword: a\n  Hunter2Secret\nEOT",
        "A = <<EOT\npassword: &a !!str |\n  Hunter2Secret\nEOT",
        "A = <<EOT\ntokens:\n- Hunter2Secret\nEOT",
        "A = <<EOT\n- tokens:\n  - a: x\n    b: Hunter2Secret\nEOT",
        "A = <<EOT\npassword: |\n  a\n%{ if var.x }\n  Hunter2Secret\n%{ endif }\nEOT",
        "A = <<EOT\nkind: Secret\n%{ if var.x }\ndata:\n  a: Hunter2Secret\n%{ else }\ndata:\n  a: x\n%{ endif }\nEOT",
        "A = <<EOT\nenv:\n- name: PGPASSWORD\n  value:\n    Hunter2Secret\nEOT",
        "A = <<EOT\n- {name: PGPASSWORD, value: Hunter2Secret}\nEOT",
        "A = <<EOT\ncommand:\n  - --password\n  - Hunter2Secret\nEOT",
        'A = "environment:\\n  PGPASSWORD: $${PGPASSWORD:-Hunter2Secret}\\n"',
        "A = <<EOT\nruncmd:\n  - [psql, --password, Hunter2Secret]\nEOT",
        'A = <<EOT\nsecrets = {\n a = "x"\n password = Hunter2Secret\n b = "y"\n}\nEOT',
        'A = <<EOT\nsecure_environment_variables = {\n a = "Hunter2Secret"\n}\nEOT',
        'A = <<EOT\nsecret {\n  value = "Hunter2Secret"\n}\nEOT',
        'A = "PRIVATE_TOKEN=\\"a\\nHunter2Secret\\""',
        'A = format("password: |\\n  %s", "Hunter2Secret")',
        'A = format("Server=%s;Database=%s;Password=%s", "tcp:psql-a,5432", var.host, "Hunter2Secret")',
        'A = format("%s?host=%s&password=%s", "jdbc:postgresql:d", var.host, "Hunter2Secret")',
        'A = format("%s?a=%s&password=%s", "a=b", var.host, "Hunter2Secret")',
        'A = format("Server=h;Password=%q", "Hunter2Secret")',
        'A = format("Server=%[2]s;Password=%[1]s", "Hunter2Secret", var.h)',
        'A = format("Server=%s;Password=%-10s;", var.h, "Hunter2Secret")',
        'A = "10.0.0.4:5432:d:adm:Hunter2Secret"',
        'A = "psqlprod:5432:d:adm:Hunter2Secret"',
        'A = "psqlprod:*:*:adm:a Hunter2Secret"',
        'A = "h.example.com:5433:d:adm:Hunter2Secret"',
        'A = "<add key=\\"DbPassword\\" value=\\"Hunter2Secret\\"/>"',
        "A = \"<add name='DbPassword' value='Hunter2Secret'/>\"",
        'A = <<EOT\n<add value="Hunter2Secret" key="DbPassword"/>\nEOT',
        'A = <<EOT\n[[env]]\nname = "PGPASSWORD"\nvalue = "Hunter2Secret"\nEOT',
        "A = <<EOT\n[[env]]\nvalue = 'Hunter2Secret'\nname = 'PGPASSWORD'\nEOT",
        "A = <<EOT\n[db]\npassword =\n  Hunter2Secret\nEOT",
        "A = <<EOT\n[db]\npassword=\n  it is\n  Hunter2Secret\nEOT",
        'A = "password:\\nHunter2Secret"',
        'A = "password =\\nHunter2Secret==\\n"',
        "A = <<EOT\nsh -c '- tokens:\n  - a: x\n    b: Hunter2Secret'\nEOT",
        "A = \"sh -c 'kind: Secret\\ndata:\\n  a: Hunter2Secret'\"",
        "A = \"sh -c '- name: PGPASSWORD\\n  value: Hunter2Secret'\"",
        "A = <<EOT\n  [concat('kind: Secret\n  stringData:\n    a: Hunter2Secret', 'x')]\nEOT",
        "A = <<EOT\nsh -c 'password=a\\ user=Hunter2Secret host=h'\nEOT",
        'A = "h.example.com:5433:d:adm:a Hunter2Secret"',
        'A = "<password>Hunter2Secret</password>"',
        "A = \"sh -c 'PGPASSWORD='Hunter2Secret' psql'\"",
        "A = \"sh -c 'PGPASSWORD='\\\\''Hunter2Secret'\\\\'' psql'\"",
        'A = "sh -c \\"PGPASSWORD=\\"Hunter2Secret\\" psql\\""',
        "A = \"psql 'host=h password='Hunter2Secret' dbname=d'\"",
        "A = \"pwsh -c '$Password = ConvertTo-SecureString 'Hunter2Secret' -AsPlainText'\"",
        "A = <<EOT\npwsh -c '$Password = ConvertTo-SecureString 'Hunter2Secret' -AsPlainText'\nEOT",
        "A = \"pwsh -c '$c = 'Password=' + 'Hunter2Secret''\"",
        "A = \"set -s name='PGPASSWORD' value='Hunter2Secret'\"",
        "A = \"sh -c 'set -s name='PGPASSWORD' value='Hunter2Secret''\"",
        'A = "x ${var.on ? "- name: PGPASSWORD\\n  value: Hunter2Secret" : ""} y"',
        'A = "x: ${var.on ? "password: |\\n  Hunter2Secret" : ""}\\ny"',
        'A = "it\'s ${var.on ? "kind: Secret\\ndata:\\n  a: Hunter2Secret" : ""} y"',
        'A = "x%{ if var.on }\\n- name: PGPASSWORD\\n  value: Hunter2Secret%{ endif }"',
        'A = "%{ if var.on }- name: PGPASSWORD\\n  value: Hunter2Secret%{ endif }"',
        'A = "x - name: PGPASSWORD\\n  value: Hunter2Secret"',
        "A = \"os.environ['PGPASSWORD'] = 'Hunter2Secret'\"",
        'A = <<EOT\nx["password"] = "Hunter2Secret"\nEOT',
        'A = lookup(var.settings, "db_password", "Hunter2Secret")',
        'A = <<EOT\nos.getenv("PGPASSWORD", "Hunter2Secret")\nEOT',
        "A = \"[Environment]::SetEnvironmentVariable('PGPASSWORD', 'Hunter2Secret')\"",
        "A = \"ConvertTo-SecureString 'Hunter2Secret' -AsPlainText -Force\"",
        'A = "curl -u adm:Hunter2Secret https://h"',
        "A = \"echo 'adm:Hunter2Secret' | chpasswd\"",
        'A = <<EOT\npassword = """\nHunter2Secret"""\nEOT',
        'A = <<EOT\n<property name="connection.password">Hunter2Secret</property>\nEOT',
        'A = "<password><![CDATA[Hunter2Secret]]></password>"',
        'A = "postgres://u:x${upper("Hunter2Secret")}@h"',
        'A = "h.example.com:5432:*:u:x${upper("Hunter2Secret")}"',
        'secrets = { "db-name" = "Hunter2Secret" }',
        'resource "azurerm_key_vault_secret" "x" {\n value_wo = "Hunter2Secret"\n}',
        'resource "local_sensitive_file" "x" {\n content = "Hunter2Secret"\n}',
        'set_sensitive = [\n { name = "a", value = "Hunter2Secret" },\n]',
        f'A = "{"gh" + "p_"}{"Hunter2Secret" * 3}"',
        f'A = "{"ey" + "J"}Hunter2Secret.Hunter2Secret.x"',
        f'A = "abc8{"Q~"}Hunter2SecretHunter2Secret~xyz.xyz"',
        "A = <<EOT\n<env>\n <name>PGPASSWORD</name>\n <value>Hunter2Secret</value>\n</env>\nEOT",
    ],
    "main.bicep": [
        "A: 'x ${on ? '- name: PGPASSWORD\\n  value: Hunter2Secret' : ''} y'",
        "A: '''\n<property name=\"password\"\n value=\"Hunter2Secret\"/>\n'''",
        "A: format('postgres://u:{0}@{1}/db', 'Hunter2Secret', nope)",
        "A: join([\n 'Password='\n 'Hunter2Secret'\n], '')",
        "A: format('''\npassword={0}\n''', 'Hunter2Secret')",
        "appSettings: [ { name: 'PGPASSWORD', value: 'Hunter2Secret' } ]",
        "appSettings: [\n {\n name: 'PGPASSWORD'\n value: 'Hunter2Secret'\n }\n]",
        "appSettings: [\n {\n value: 'Hunter2Secret'\n name: 'PGPASSWORD'\n }\n]",
        "{ name: 'DB_PASSWORD', value: 'Hunter2Secret' }",
        "{ name: 'DB_PASS', secureValue: 'Hunter2Secret' }",
        "{ name: 'x', secureValue: 'Hunter2Secret' }",
        "secureValue: 'Hunter2Secret'",
        "protectedSettings: { script: 'Hunter2Secret' }",
        "protectedSettings: {\n script: 'Hunter2Secret'\n}",
        "secrets: [ { name: 'db', value: 'Hunter2Secret' } ]",
        "secrets: [\n { name: 'db'\n value: 'Hunter2Secret' }\n]",
        "connectionString: 'Server=h;Password=Hunter2Secret'",
        "connectionStrings: [ { name: 'd', connectionString: 'Server=h;Password=Hunter2Secret;' } ]",
        "A: 'Server=h;Password=Hunter2Secret;'",
        "A: 'Server=${h};Password=Hunter2Secret;'",
        "A: 'host=h password=Hunter2Secret user=x'",
        "A: 'jdbc:postgresql://h/db?user=adm&password=Hunter2Secret'",
        "A: 'postgres://u:Hunter2Secret@h'",
        "A: 'Server=h;Password=it\\'sHunter2Secret;'",
        "A: 'Server=h;Password=\"Hunter2Secret\";'",
        "accountKey: 'Hunter2Secret'",
        "sharedKey: 'Hunter2Secret'",
        "primaryKey: 'Hunter2Secret'",
        "DB_PASS: 'Hunter2Secret'",
        "dbPass: 'Hunter2Secret'",
        "'db-pass': 'Hunter2Secret'",
        "adminPass: 'Hunter2Secret'",
        "param dbPass string = 'Hunter2Secret'",
        "param storageKey string = 'Hunter2Secret'",
        "var conn = 'AccountName=x;AccountKey=Hunter2Secret=='",
        "A: '''\npassword=Hunter2Secret\n'''",
        "A: '''\n{\"password\": \"Hunter2Secret\"}\n'''",
        'A: \'{"password": "Hunter2Secret"}\'',
        "{ key: 'PGPASSWORD', value: 'Hunter2Secret' }",
        "{ name: toLower('PGPASSWORD'), value: 'Hunter2Secret' }",
        "{ name: 'PGPASSWORD', value: concat('', 'Hunter2Secret') }",
        "{ name: 'PGPASSWORD', value: base64('Hunter2Secret') }",
        "clientSecret: 'Hunter2Secret'",
        "sasToken: 'Hunter2Secret'",
        "A: 'https://x?sv=1&sig=Hunter2Secret&x=1'",
        "scriptContent: 'psql --password Hunter2Secret'",
        "scriptContent: '''\nexport PGPASSWORD=Hunter2Secret\n'''",
        "environmentVariables: [ { name: 'PGPASSWORD', value: 'Hunter2Secret' } ]",
        "parameterValues: { password: 'Hunter2Secret' }",
        "credential: 'Hunter2Secret'",
        "{ value: 'Hunter2Secret', slot: true, name: 'PGPASSWORD' }",
        "administratorLoginPassword: 'Hunter2Secret'",
        "param p { password: string } = { password: 'Hunter2Secret' }",
        "A: 'ALTER ROLE a PASSWORD \\'Hunter2Secret\\''",
        'A: \'[{"name":"PGPASSWORD","value":"Hunter2Secret"}]\'',
        "A: '''\n- name: PGPASSWORD\n  value: Hunter2Secret\n'''",
        "@secure()\noutput o string = 'Hunter2Secret'",
        "@secure() param o string = 'Hunter2Secret'",
        "resource s 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = if (x) {\n a: { value: 'Hunter2Secret' }\n}",
        "@secure() // @x\n@description('a param o string')\n// @y\n@minLength(3) param o string = 'Hunter2Secret'",
        "command: [ '--password', 'Hunter2Secret' ]",
        "command: [\n  '--password'\n  'Hunter2Secret'\n]",
        "A: '''\nALTER ROLE a PASSWORD 'Hunter2Secret';\n'''",
        "A: format('ALTER ROLE a PASSWORD \\'{0}\\'', 'Hunter2Secret')",
        r"A: '''password=x\r2Hunter2Secret host=h'''",
        r"A: 'password=a\\ user=Hunter2Secret'",
        r"A: '''password=a\ user=Hunter2Secret'''",
        "A: 'Password=a host=Hunter2Secret;Server=h'",
        r"{ name: 'App\\DbPassword', value: 'Hunter2Secret' }",
        r"{ name: 'App\\newDbPassword', value: 'Hunter2Secret' }",
        r"{ name: 'it\'s DbPassword', value: 'Hunter2Secret' }",
        "A: '''\n- name: App\\newDbPassword\n  value: Hunter2Secret\n'''",
        r"A: '''- {name: PGPASSWORD, value: x\n2Hunter2Secret}'''",
        r"A: 'password: |\n  Hunter2Secret\n'",
        "A: '''\nkind: Secret\n\"data\":\n  a: Hunter2Secret\n'''",
        "A: format('Server={0};Password={10}', 'tcp:h', 'Hunter2Secret')",
    ],
    "main.json": [
        '{"a": "x\\npassword:\\nHunter2Secret"}',
        '{"a": "x ${var.on ? \\"- name: PGPASSWORD\\\\n  value: Hunter2Secret\\" : \\"\\"} y"}',
        "{\"a\": \"[concat('export PGPASSWORD=''Hunter2Secret''; psql')]\"}",
        '{"a": "kind: Secret\\nstringData:\\n  a: Hunter2Secret"}',
        "{\"a\": \"[concat('kind: Secret\\nstringData:\\n  a: Hunter2Secret', 'x')]\"}",
        '{"a": "password: |\\r\\n  Hunter2Secret\\r\\n"}',
        "{\"a\": \"[concat('az login --password ', 'Hunter2Secret', ' -x')]\"}",
        "{\"a\": \"[concat('Password=''', 'Hunter2Secret', ''''')]\"}",
        '{"name": "PGPASSWORD", "value": "Hunter2Secret"}',
        '{\n"name": "PGPASSWORD",\n"value": "Hunter2Secret"\n}',
        '{\n"value": "Hunter2Secret",\n"name": "PGPASSWORD"\n}',
        '{"name":"PGPASSWORD","value":"Hunter2Secret"}',
        '{"name": "a", "secureValue": "Hunter2Secret"}',
        '{"protectedSettings": {"a": "Hunter2Secret"}}',
        '{"secrets": [{"name": "x", "value": "Hunter2Secret"}]}',
        '{"DB_PASS": "Hunter2Secret"}',
        '{"dbPass": {"value": "Hunter2Secret"}}',
        '{"db_password": {"value": "Hunter2Secret"}}',
        '{"adminPassword": {"type": "string", "defaultValue": "Hunter2Secret"}}',
        '{"a": "Server=h;Password=Hunter2Secret;"}',
        '{"a": "postgres://u:Hunter2Secret@h"}',
        '{"a": "host=h password=Hunter2Secret"}',
        '{"a": "jdbc:postgresql://h?user=a&password=Hunter2Secret"}',
        '{"a": "[concat(\'Server=h;Password=Hunter2Secret;\', x)]"}',
        "{\"a\": \"[concat('Password=', 'Hunter2Secret')]\"}",
        "{\"a\": \"[concat('postgres://u:', 'Hunter2Secret', '@h')]\"}",
        "{\"a\": \"[format('Password={0}', 'Hunter2Secret')]\"}",
        '{"a": "{\\"password\\":\\"Hunter2Secret\\"}"}',
        '{"accountKey": "Hunter2Secret"}',
        '{"primaryKey": "Hunter2Secret"}',
        '{"a": "AccountKey=Hunter2Secret;"}',
        '{"connectionString": "Hunter2Secret"}',
        '{"name": "PGPASSWORD", "slotSetting": true, "value": "Hunter2Secret"}',
        '{"name": "[toLower(\'PGPASSWORD\')]", "value": "Hunter2Secret"}',
        '{"name": "PGPASSWORD", "value": "[concat(\'Hunter2Secret\', \'x\')]"}',
        '{"name": "PGPASSWORD", "value": {"x": "Hunter2Secret"}}',
        '{"password": \'x\', "b": 1, "apiKey": "Hunter2Secret"}',
        '{"properties": {"PGPASS": "Hunter2Secret"}}',
        '{"sasToken": "Hunter2Secret"}',
        '{"a": "?sv=1&sig=Hunter2Secret"}',
        '{"passphrase": "Hunter2Secret"}',
        '{"clientSecret": "Hunter2Secret"}',
        '{"a": "-----BEGIN PRIVATE KEY-----\\nHunter2Secret\\n-----END PRIVATE KEY-----"}',
        '{"commandToExecute": "psql --password Hunter2Secret"}',
        '{"scriptContent": "export DB_PASS=Hunter2Secret"}',
        '{"key": "db:password", "value": "Hunter2Secret"}',
        '{"credentials": {"user": "x", "p": "Hunter2Secret"}}',
        r'{"a": "password=a\\ user=Hunter2Secret"}',
        '{"a": "[concat(\'Password=a host=Hunter2Secret;Server=\', x)]"}',
        '{"a": "b: 1\\npassword: a host=Hunter2Secret"}',
        r'{"name": "App\\DbPassword", "value": "Hunter2Secret"}',
        r'{"name": "App\u0020DbPassword", "value": "Hunter2Secret"}',
        '{"NAME": "PGPASSWORD", "VALUE": "Hunter2Secret"}',
        '{"a": "ALTER ROLE a PASSWORD \'Hunter2Secret\'"}',
        '{"command": ["psql", "--password", "Hunter2Secret"]}',
        '{"a": "[{\\"name\\":\\"PGPASSWORD\\",\\"value\\":\\"Hunter2Secret\\"}]"}',
        '{"outputs": {"o": {"type": "securestring", "value": "Hunter2Secret"}}}',
        '{"outputs": {"o": {"value": "Hunter2Secret", "type": "securestring"}}}',
        '{"output": {"o": {"sensitive": true, "value": "Hunter2Secret"}}}',
        '{"variable": {"v": {"default": "Hunter2Secret", "sensitive": true}}}',
        '{"variable": {"password": {"default": "Hunter2Secret", "type": "string"}}}',
        '{"parameters": {"dbSecret": {"type": "string", "metadata": {"a": "b"}, "defaultValue": "Hunter2Secret"}}}',
        '{"type": "Microsoft.KeyVault/vaults/secrets", "properties": {"value": "Hunter2Secret"}}',
        '{"p": {"type": "SecureString", "metadata": {"description": "x"}, "defaultValue": "Hunter2Secret"}}',
        '{"type": "Microsoft.KeyVault/vaults", "resources": [{"type": "secrets", "p": {"value": "Hunter2Secret"}}]}',
        '{"secret": {"type": "a", "apiVersion": "v1", "b": "Hunter2Secret"}}',
        "{\"command\": \"[createArray('--password', 'Hunter2Secret')]\"}",
        "{\"a\": \"[concat('ALTER ROLE a PASSWORD ''Hunter2Secret''', x)]\"}",
        "{\"a\": \"[concat('ALTER ROLE a PASSWORD ''', 'Hunter2Secret', '''')]\"}",
        "{\"a\": \"[format('ALTER ROLE a PASSWORD ''{0}''', 'Hunter2Secret')]\"}",
    ],
}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in SPELLINGS.items() for text in texts])
def test_no_spelling_shows_a_secret(name: str, text: str) -> None:
    assert "Hunter2" in text
    file = SourceFile(name, f"x\n{text}\ny\n")
    shown = Redactor().source(Span(file, 0, len(file.text)))
    assert "Hunter2" not in shown
    assert shown.startswith("x\n")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('A = "Server=h;Password=abcd;SSL Mode=Disable"', 'A = "Server=h;Password=[REDACTED];SSL Mode=Disable"'),
        ('A = "postgres://u:abcd@h/d?sslmode=disable"', 'A = "postgres://u:[REDACTED]@h/d?sslmode=disable"'),
        (
            'A = "jdbc:postgresql://h/d?password=abcd&sslmode=x"',
            'A = "jdbc:postgresql://h/d?password=[REDACTED]&sslmode=x"',
        ),
        (r'A = "password=a\\ b host=h"', 'A = "password=[REDACTED] host=h"'),
        ("{ name: 'PGPASSWORD', value: 'abcd' }", "{ name: 'PGPASSWORD', value: '[REDACTED]' }"),
        (
            '{"value": "abcd", "name": "DB_PASS"}, {"value": "x2"}',
            '{"value": "[REDACTED]", "name": "DB_PASS"}, {"value": "x2"}',
        ),
        ("\"[concat('a=b;Password=', 'abcd', ';x=y')]\"", "\"[concat('a=b;Password=', '[REDACTED]', ';x=y')]\""),
        (
            'A = <<EOT\n<add key="PGHOST" value="h"/>\n<add key="PGPASS" value="x"/>\n<add key="A" value="b"/>\nEOT',
            'A = <<EOT\n<add key="PGHOST" value="h"/>\n<add key="PGPASS" value="[REDACTED]\n'
            '<add key="A" value="b"/>\nEOT',
        ),
        ("A = \"ALTER ROLE a PASSWORD 'abcd' CREATEDB\"", "A = \"ALTER ROLE a PASSWORD '[REDACTED]' CREATEDB\""),
    ],
)
def test_what_stands_beside_a_secret_is_shown(text: str, shown: str) -> None:
    file = SourceFile("main.tf", text)
    assert Redactor().source(Span(file, 0, len(text))) == shown


@pytest.mark.parametrize("wrapped", [False, True], ids=["one line", "lines"])
@pytest.mark.parametrize(
    ("before", "behind"),
    [
        ('A = "', '"'),
        ("A = <<EOT\n", "\nEOT"),
        ("A: '", "'"),
        ('{"a": "', '"}'),
        ("A = <<EOT\n", "\n  owner: root\nEOT"),
    ],
)
def test_a_text_in_base64_is_searched(before: str, behind: str, *, wrapped: bool) -> None:
    for text, is_hidden in (
        ("#cloud-config\nusers:\n- name: adm\n  passwd: Hunter2Secret\n  x: 12", True),
        ("#cloud-config\nusers:\n- name: adm\n  groups: sudo, and others of them", False),
    ):
        encoded = b64encode(text.encode()).decode()
        written = "\n".join(textwrap.wrap(encoded, 40)) if wrapped and "EOT" in behind else encoded
        file = SourceFile("main.tf", f"{before}{written}{behind}")
        hidden = f"{before}[REDACTED]{behind}"
        assert Redactor().source(Span(file, 0, len(file.text))) == (hidden if is_hidden else file.text)


@pytest.mark.parametrize(
    "text",
    [
        'A = "postgres://u:${var.p}@h/d?sslmode=disable"',
        'connection_string = "postgres://u:${var.p["a"]}@${local.h}:5432/d?sslmode=disable"',
        'A = "Server=h;Password=${var.p};SSL Mode=Disable"',
        'A = "host=h password=${var.p} sslmode=disable"',
        "A: 'postgres://u:${p}@${server.properties.fullyQualifiedDomainName}/d'",
        "\"[concat('postgres://u:', parameters('p'), '@h')]\"",
        "\"[concat('Server=h;Password=', parameters('p'), ';Ssl Mode=Disable')]\"",
        "\"[format('postgres://u:{0}@h', parameters('p'))]\"",
        "A = \"ALTER ROLE a PASSWORD '${var.p}'\"",
        "A = format(\"ALTER ROLE a PASSWORD '%s'\", var.p)",
        "\"[concat('ALTER ROLE a PASSWORD ''', parameters('p'), '''')]\"",
        "\"[format('ALTER ROLE a PASSWORD ''{0}''', parameters('p'))]\"",
        "resource password 'Microsoft.KeyVault/vaults/secrets@2023-07-01' existing = {",
        "module adminPassword './password.bicep' = {",
        "A = <<EOT\nenv:\n  - name: PGHOST\n    value: h\n  - name: PGPASSWORD\n    value: ${var.p}\nEOT",
        'A = ["00:50:56:01:f1:96", "2001:0db8:85a3:0000:0000:8a2e:0370:7334", "0.0.0.0:80:80", "12:30:45:10:20"]',
        'A = "- name: PGHOST\\n  value: h\\n- name: PGPASSWORD\\n  value: ${var.p}"',
        'A = "[{\\"name\\":\\"PGHOST\\",\\"value\\":\\"h\\"},{\\"name\\":\\"PASSWORD\\"}]"',
        r"{ name: 'App\\Host', value: 'h' }",
        'A = "registry.example.com:5000:a:b:hello world"',
        "A = <<EOT\nkind: ConfigMap\ndata:\n  a: b\n---\nkind: Secret\nEOT",
        "A = <<EOT\nvalueFrom:\n  secretKeyRef:\n    name: db\n    key: x\nEOT",
        "A = <<EOT\ncommand:\n  - --no-password\n  - -h\n  - x\nEOT",
        'A = { a = format("Password=%s", var.p), b = "x" }',
        "A = <<EOT\n[db]\npassword =\nuser = u\nport=1\n[x]\na = b\nEOT",
        "A = <<EOT\npassword:\nuser: u\nEOT",
        "A = \"sh -c 'PGPASSWORD=${var.p} psql'\"",
        'A = "x ${join("", ["Password=", var.p])} y"',
        '# secrets = {\n#   a = {\n# x_key = ""\n',
        "/* a password, or it's * none */ A = 1",
        'lz = { resource_group_key = "rg1", vnet_key = "hub", subnet_key = "db" }',
        'secret_permissions = ["Get", "List"]',
        "{ name: 'PGPASSWORD', secretRef: 'db-password' }",
        'resource "azurerm_postgresql_flexible_server_configuration" "pass" {\n value = "on"\n}',
        "connectionString: 'Host=${pg.properties.fullyQualifiedDomainName};Password=${p};SSL Mode=Disable'",
        "output connectionString string = 'Host=${pg.properties.fullyQualifiedDomainName}'",
        '{"secrets": {"type": "Microsoft.Resources/deployments", "apiVersion": "2022-09-01", "mode": "Incremental"}}',
        '{"definitions": {"secretType": {"type": "object", "metadata": {"source": "x"}, "allowedValues": ["abcd"]}}}',
        "{\"secret\": \"[reference('thisVault', '2022-07-01').secret]\"}",
        "{\"key\": \"[tryGet(parameters('secret'), 'keyName')]\"}",
        "import { passwordType } from 't.bicep'\ntype t = { credentials: passwordType }",
        "type t = { credentials: { @description('What it is.') key: string } }",
        'A = "<add key=\\"PGHOST\\" value=\\"h\\"/><password>${var.p}</password>"',
        "A = '''[\n  {\n    name: 'A'\n    value: 'x'\n  }\n  {\n    name: 'DB_KEY'\n    ref: a\n  }\n]'''",
        'A = <<EOT\n{\n  "secrets": {\n    "a": var.x\n  }\n}\nEOT',
        'A = "Permissions for secrets in the vault: all, get"',
        'manifest = { kind = "ConfigMap", data = { a = "b" } }',
        'output "o" {\n sensitive = false\n value = "x"\n}',
        '{"outputs": {"o": {"value": "x", "type": "string"}}}',
        'rules = { "secrets-svc" = { start = "20.0.0.0", end = "20.0.255.255" } }',
        "tokenizer: { start: '20.0.0.0', prefix: '20.0.0.0/16' }",
        '"tokenizer": { "start": "20.0.0.0", "prefix": "20.0.0.0/16" }',
        'command = ["psql", "--no-password", "--host", "h"]',
        'command = ["x", "--secret-name", "a", "--password-file", "/run/x", "--token-ttl", "3600"]',
        'command = "x --secret-name a --password-file /run/x --token-ttl 3600"',
        "command: [ '--secret-name', 'a', '--password-file', '/run/x' ]",
        '"command": ["--secret-name", "a", "--password-file", "/run/x", "--token-ttl", "3600"]',
        'A = "[\\"--secret-name\\", \\"a\\"]"',
        'command = ["psql", "--no-password", "-h", "h"]',
        'command = ["psql", "--password", var.p, "--host", "h"]',
        '{ name = "azure.accepted_password_auth_method" value = "md5" }',
        "{ name: 'password_encryption', value: 'md5' }",
        "{ name: 'credcheck.password_min_length', value: '8' }",
        '{"name": "log_connections", "value": "off"}',
        'bypass = "AzureServices"',
        'compass = "north"',
        'key = "terraform.tfstate"',
        'key_vault_key_id = "https://v.vault.azure.net/keys/k"',
        "primaryKeyURI: 'https://v.vault.azure.net/keys/k'",
        'passive = "x"',
        'if each.key == "x" && each.value == "y"',
        'source = "git::https://github.com/a/b.git?ref=v1"',
        "secretKeyRef { }",
        '"type": "Microsoft.Authorization/roleAssignments"',
    ],
)
def test_what_holds_no_secret_stays_readable(text: str) -> None:
    file = SourceFile("main.tf", text)
    assert Redactor().source(Span(file, 0, len(text))) == text


@pytest.mark.parametrize(
    "piece",
    [
        "name: 'password'\n", "{ name: 'password'\n", "{ name: 'password' }\n", "{value:'x',name:'password'",
        "'password=",
        "\"password=${", "postgres://a:b", "://a:", "?sig=", "-----BEGIN PRIVATE KEY-----", "--password ", "secret {",
        "key", "_key=", "Authorization: ", '"{\\"password\\":', "://:%s", "'Password=',", "${", "--", "sensitive(",
        "\"--password\", ", "'--token' '", "<<A\n- name: password\n", '"name: password value: ',
        "name: \\", "'name: a\\", '"name":"\\\\',
        "a.b:1:c:d:e", 'kind: "Secret"', "PASSWORD '", "PASSWORD $$", "PASSWORD '''', ",
        '"Password=", [', "a = <<A\nkind: Secret\n", '{"a":"[kind = "Secret" kind = ', 'a {kind = "Secret" ',
        "a = <<A\n" + "password:\n " * 50,
        '{"a":"[kind = "Secret" data = ', 'a {kind = "Secret" data = 1 ', '{key="password" value="',
        "UEdQQVNTV09SRD14eHh4eHh4eHh4eHh4eHg ", "a = <<A\n" + "UEdQQVNTV09SRD14eHh4eHh4\n" * 50,
        'lookup("password", ', '{"secret":{"type":"string","value":', "=}${://a:", "-u a:", "<a name='password'>",
        "# password\n", "/* password */ ", "/*password\n", "secret {value = {",
        "a = <<A\n" + "{0}sensitive {value='" * 50,
        "a = <<A\n" + "password: {a: 'b', " * 50,
        '"${f("password=%s",', '"[f(\'Password={0}\',', "password: |\n  ",
    ],
)  # fmt: skip
def test_hostile_text_costs_no_more_than_its_length(piece: str) -> None:
    file = SourceFile("main.tf", piece * (60_000 // len(piece)))
    assert calls(Redactor().source, Span(file, 0, 100)) < 40 * len(file.text)


@pytest.mark.parametrize(
    "text",
    [
        'locals { x = "' + "- " * 16_000 + 'password: a" }',
        "a = <<A\n" + "secret { value = a } " * 2_000 + "\nA",
        "a = <<A\n" + "{name: password, value: a} " * 2_000 + "\nA",
        'a = "' + ";password=a" * 4_000 + '"',
        "a = <<A\n" + "name=password value=a " * 2_000 + "\nA",
        "a = <<A\n" + '<a key="password" value="a"/>' * 2_000 + "\nA",
        "a = <<A\n" + "'password: " * 4_000 + "\nA",
        "a = <<A\n" + "'\\\\'password=" * 4_000 + "\nA",
        "@secure()\n" + "//@" * 40 + "\n" + "@a" * 40 + "\n@secure()\n" * 4_000,
        'password = "a://b:%s@' + "%s" * 40 + "${x}" * 40 + ' "',
        'a = "Password=' + "%0A" * 40 + '-"',
        'a = "h.example.com:22:d:u:' + "${x}" * 40 + ' "',
    ],
    ids=[
        "dashes", "blocks", "objects", "pairs", "names", "elements", "apostrophes", "backslashes", "decorators",
        "holes", "arguments", "pgpass",
    ],
)  # fmt: skip
def test_a_long_line_is_gone_through_once(text: str) -> None:
    work = characters("pgflexlint.redaction", lambda: list(secret_ranges(text)))
    assert work < 200 * len(text)
    assert sum(end - start for start, end in secret_ranges(text)) < 10 * len(text)


APP = 'resource "azurerm_linux_web_app" "w" {\n  name = "w"\n%s\n}\n'


@pytest.mark.parametrize(
    ("body", "attribute"),
    [
        ('connection_string { value = "Server=h;User Id=adm;Password=Hunter2Secret;" }', "connection_string.value"),
        ('app_settings = { A = "host=h user=adm password=Hunter2Secret" }', "app_settings.A"),
        ('app_settings = { A = "jdbc:postgresql://h/db?user=adm&password=Hunter2Secret" }', "app_settings.A"),
        ('app_settings = { A = "Server=h;Port=1;Password=Hunter2Secret" }', "app_settings.A"),
        ('app_settings = { A = "postgres://u:${local.p}@h" }', "app_settings.A"),
        ('app_settings = { A = "postgres://u:${local.q}@h" }', "app_settings.A"),
        ('app_settings = { A = format("Server=h;Password=%s;x=y", local.p) }', "app_settings.A"),
        ("app_settings = { DB_PASS = local.p }", "app_settings.DB_PASS"),
        ("app_settings = { DB_PASS = local.q }", "app_settings.DB_PASS"),
        ("app_settings = { DB_PASS = local.n }", "app_settings.DB_PASS"),
        ("app_settings = { DB_PASS = var.v }", "app_settings.DB_PASS"),
        ('triggers = { u = "postgres://adm:Hunter2Secret@h/db" }', "triggers.u"),
        ('env {\n name = "PGPASSWORD"\n value = "Hunter2Secret"\n}', "env.value"),
        ('env {\n name = "PGPASSWORD"\n value = local.p\n}', "env.value"),
        ('env {\n name = "PGPASSWORD"\n value = local.q\n}', "env.value"),
        ('env {\n name = "PGPASSWORD"\n value = join("", ["Hunter2", "Secret"])\n}', "env.value"),
        ('env {\n name = lower("PGPASSWORD")\n value = local.p\n}', "env.value"),
        ('env = [{ name = "A", value = "b" }, { name = "PGPASS", value = local.p }]', "env[1].value"),
        ('secret {\n name = "x"\n value = local.p\n}', "secret.value"),
        ("secrets = { a = local.p, b = [local.p], c = { d = local.p } }", "secrets.a"),
        ('password = local.p\n  app_settings = { Hunter2Secret = "x" }', "app_settings"),
        ("app_settings = { A = \"ALTER ROLE a PASSWORD 'Hunter2Secret'\" }", "app_settings.A"),
        ("app_settings = { A = <<EOT\npassword: |\n  Hunter4Secret\nEOT\n}", "app_settings.A"),
        ('app_settings = { A = "password: |\\n  Hunter2Secret\\n" }', "app_settings.A"),
        ('app_settings = { A = jsonencode({ B = "password: |\\n  Hunter2Secret\\n" }) }', "app_settings.A"),
        ("app_settings = { A = <<EOT\n- name: PGPASSWORD\n  value: Hunter2Secret\nEOT\n}", "app_settings.A"),
        ('app_settings = { A = jsonencode([{ name = "PGPASSWORD", value = local.p }]) }', "app_settings.A"),
        ('app_settings = { A = "h.example.com:5432:d:adm:${local.p}" }', "app_settings.A"),
        ("sensitive_body = { properties = { a = local.p } }", "sensitive_body"),
        ('manifest = { kind = "Secret", stringData = { a = local.p } }', "manifest"),
        ('manifest = { kind = "Secret", data = { a = local.q } }', "manifest.data.a"),
        ('commands = ["psql", "--password", "Hunter2Secret"]', "commands"),
        ('commands = ["psql", "--password", "Hunter2Secret"]', "commands[2]"),
        ('commands = ["psql", "--password", local.q]', "commands"),
        ("app_settings = { A = \"ALTER ROLE a PASSWORD '${local.p}'\" }", "app_settings.A"),
        ("secrets = { a = local.p, b = [local.p], c = { d = local.p } }", "secrets"),
        ("administrator_password = 77340012", "administrator_password"),
        ("A = jsonencode({ password = local.p })", "A"),
        ('A = base64encode("Hunter2Secret")\n  password = "Hunter2Secret"', "A"),
    ],
)
def test_trace_shows_no_secret_of_terraform(write: Write, run: Check, body: str, attribute: str) -> None:
    values = 'locals {\n  p = "Hunter2Secret"\n  q = join("", ["Hunter2", "Secret"])\n  n = 77340012\n}\n'
    write({"main.tf": f"# postgresql\n{APP % body}{values}" + 'variable "v" {\n  default = "Hunter2Secret"\n}\n'})
    _trace_shows_none(run, "azurerm_linux_web_app.w", attribute)


SITE = """\
// postgresql
param p string = 'Hunter2Secret'
resource w 'Microsoft.Web/sites@2023-12-01' = {
  name: 'w'
  properties: { siteConfig: {
    %s
  } }
}
"""


@pytest.mark.parametrize(
    ("body", "attribute"),
    [
        ("appSettings: [ { name: 'PGPASSWORD', value: 'Hunter2Secret' } ]", "appSettings[0].value"),
        ("appSettings: [ { name: 'PGPASSWORD', value: p } ]", "appSettings[0].value"),
        ("appSettings: [ { value: p, name: toLower('PGPASSWORD') } ]", "appSettings[0].value"),
        ("appSettings: [ { name: 'A', value: 'Server=h;Password=${p};' } ]", "appSettings[0].value"),
        ("appSettings: [ { name: 'A', value: 'postgres://u:${p}@h' } ]", "appSettings[0].value"),
        ("connectionStrings: [ { name: 'A', connectionString: 'Pwd=Hunter2Secret' } ]", "connectionStrings[0]"),
        ("metadata: [ { name: 'DB_TOKEN', value: p } ]", "metadata"),
        ("appSettings: [ { name: 'A', value: 'ALTER ROLE a PASSWORD \\'${p}\\'' } ]", "appSettings[0].value"),
        ("command: [ '--password', p ]", "command"),
    ],
)
def test_trace_shows_no_secret_of_bicep(write: Write, run: Check, body: str, attribute: str) -> None:
    write({"main.bicep": SITE % body})
    _trace_shows_none(run, "w", f"properties.siteConfig.{attribute}")


def _trace_shows_none(run: Check, address: str, attribute: str) -> None:
    for name in (address, f"{address}.{attribute}"):
        code, output, errors = run("trace", name)
        assert (code, errors) == (0, "")
        assert "[REDACTED]" in output
        for word in ("Hunter", "SHVudGVy", "77340012"):
            assert word not in output


def test_the_name_of_a_secret_is_said(write: Write, run: Check) -> None:
    secret = (
        'resource "azurerm_container_app" "a" {\n  secret {\n    name  = "database-url"\n    value = "%s"\n  }\n}\n'
    )
    write({"main.tf": secret % "postgres://u:Hunter2Secret@db.postgres.database.azure.com/d?sslmode=disable"})
    output = run("check", "--select", "PGF104")[1]
    assert "Connection 'database-url'" in output
    assert "Hunter2" not in output


def test_addresses_are_shown_whatever_their_rule_is_called(write: Write, run: Check) -> None:
    rule = "azurerm_postgresql_flexible_server_firewall_rule"
    written = (
        'locals {\n  rules = { "secrets-svc" = { start = "20.0.0.0", end = "20.0.255.255" } }\n}\n'
        f'resource "{rule}" "f" {{\n  for_each = local.rules\n  name = each.key\n  server_id = "/subscriptions/0/s"\n'
        "  start_ip_address = each.value.start\n  end_ip_address = each.value.end\n  tokens = each.value\n}\n"
    )
    write({"main.tf": written})
    output = run("check", "--select", "PGF302")[1]
    assert '"secrets-svc" = { start = "20.0.0.0", end = "20.0.255.255" }' in output
    output = run("trace", f'{rule}.f["secrets-svc"]')[1]
    assert output.count('"20.0.255.255"') == 3
    assert "[REDACTED]" not in output


SERVER = 'resource "azurerm_postgresql_flexible_server" "s" {\n  name = "psql-b"\n}\nvariable "v" {}\n'


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (
            '"postgres://u:Hunter2-a@${azurerm_postgresql_flexible_server.s.fqdn}/d?sslmode=disable"',
            '"postgres://u:[REDACTED]@${azurerm_postgresql_flexible_server.s.fqdn}/d?sslmode=disable"',
        ),
        (
            '"host=${azurerm_postgresql_flexible_server.s.fqdn} password=Hunter2-a sslmode=disable"',
            '"host=${azurerm_postgresql_flexible_server.s.fqdn} password=[REDACTED] sslmode=disable"',
        ),
        (
            '"postgres://u:Hunter2-${var.v}-Hunter2-b@${azurerm_postgresql_flexible_server.s.fqdn}/d?sslmode=disable"',
            '"postgres://u:[REDACTED]@${azurerm_postgresql_flexible_server.s.fqdn}/d?sslmode=disable"',
        ),
        ('"postgres://u:Hunter2%40a@psql-b.postgres.database.azure.com/d?sslmode=disable"', '"[REDACTED]"'),
    ],
)
def test_what_stands_beside_the_password_of_a_connection_is_shown(
    write: Write, run: Check, written: str, shown: str
) -> None:
    write({"main.tf": SERVER + APP % f"  app_settings = {{\n    A = {written}\n  }}"})
    output = run("check", "--select", "PGF104", "--format", "json")[1]
    assert "Hunter2" not in output
    assert "sslmode is 'disable'" in output
    output = run("check", "--select", "PGF104", "-o", "sarif:log.sarif")[1]
    assert shown[:60] in output
    for name in ("azurerm_linux_web_app.w", "azurerm_linux_web_app.w.app_settings.A"):
        output = run("trace", name)[1]
        assert "Hunter2" not in output
        assert ("fqdn" in written) == ("'fqdn' of azurerm_postgresql_flexible_server.s" in output) or "var.v" in written
