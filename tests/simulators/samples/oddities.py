"""Postings that real lists hold and programs stumble over. Each is the short form of one project."""

ESC = "\x1b"

ODDITIES = [
    {"title": "تصميم موقع لمتجر زهور صغير", "description": "نحتاج إلى موقع بسيط من خمس صفحات لمتجر زهور، مع نموذج طلب وخريطة. النصوص والصور جاهزة.",
     "language": "ar", "skills": [17, 5012]},
    {"title": "אתר קטן לסטודיו לקרמיקה", "description": "אתר של ארבעה עמודים עם יומן שיעורים והרשמה.", "language": "he", "skills": [17, 5014]},
    {"title": "小さな書店のウェブサイト改修", "description": "既存のウェブサイトをスマートフォンに対応させてください。ページ数は十二です。", "language": "ja", "skills": [5014, 5015]},
    {"title": "🚀🚀 URGENT!!! Need app 📱 like the big ones 🔥 but better 💯", "description": "I have the idea of the century 💡. You build it, we share 50/50 🤝. Only serious people 🙏🙏🙏", "skills": [44, 59, 58]},
    {"title": "Family 👨‍👩‍👧‍👦 tree editor with emoji 👩🏽‍💻 avatars 🇳🇿", "description": "A small web page to draw family trees. Avatars are emoji, including joined ones: 👨‍👩‍👧‍👦 must count as one.", "skills": [9, 5005]},
    {"title": "Z\u0351\u036b\u0343a\u0363\u0349l\u0348\u035cg\u030eo\u0335\u0302 te\u0301xt generator for a game", "description": "Combining marks: e\u0301 and é should be the same to your code. U\u0308bung macht den Meister.", "skills": [9, 5002]},
    {"title": "Logo\u200b for\u200d a ho\u00adtel \ufeffwith zero\u2060width marks", "description": "Pasted from a word processor\u200b, sorry for what\u200c is hidden in here.", "skills": [5040, 5041]},
    {"title": "Invoice \u202egpj.exe\u202c converter \u2067mirrored\u2069 text", "description": "The file name on the screenshot reads \u202egpj.tnemyap\u202c. Find out what it really is and write a short report.", "skills": [711, 5009]},
    {"title": f"Fix terminal colours {ESC}[31mRED{ESC}[0m in our CLI {ESC}]0;owned{chr(7)}", "description": f"Our tool prints {ESC}[2J{ESC}[H and clears the screen of people who did not ask for it. {ESC}]8;;http://example.com/{ESC}\\click{ESC}]8;;{ESC}\\ Also {ESC}[?25l hides the cursor.", "skills": [5001, 5009]},
    {"title": f"Log viewer must survive control characters \x07\x08\x0b\x0c\x7f", "description": "Lines may hold BEL \x07, backspace \x08\x08\x08, a carriage return\rover the start, C1 CSI \x9b31m and DEL \x7f.", "skills": [5001, 5019]},
    {"title": "<script>alert('title')</script> Website <b>redesign</b> &amp; relaunch", "description": "<p>Our <i>old</i> site is <a href=\"javascript:alert(1)\">here</a>.<br>We want <img src=x onerror=alert(1)> something modern &lt;3 &amp; fast.</p><style>body{display:none}</style>", "skills": [17, 5014, 5015]},
    {"title": "'; DROP TABLE leads; -- a posting about SQL injection training", "description": "A one day online course for six developers. Examples like \"' OR 1=1 --\" and ${7*7} and {{7*7}} and %s%s%n should appear in the slides.", "skills": [711, 5028]},
    {"title": "Need help", "description": "call me", "skills": [], "bids": 41},
    {"title": "   \t  Spaces    everywhere \u00a0 \u3000 ", "description": "\n\n\n\n   I   type    like this    .\n\n\n", "skills": [5070]},
    {"title": "WEBSITE " * 400, "description": "The title says it all.", "skills": [17]},
    {"title": "Very detailed specification: warehouse system for a toy importer", "description": "LONG", "skills": [13, 5004, 5017, 5010]},
    {"title": "Übersetzung: Handbuch für Straßenbahn­fahrer (ca. 12.000 Wörter)", "description": "Zielsprache Englisch. Fachbegriffe liegen als Liste vor. Größe der Datei: 3 MB.", "language": "de", "skills": [5120]},
    {"title": "ﬁnd the ligature: ﬀ ﬃ ﬄ in 𝓯𝓪𝓷𝓬𝔂 𝕥𝕚𝕥𝕝𝕖𝕤", "description": "Normalise titles from several shops so that search ﬁnds them. Ｆｕｌｌｗｉｄｔｈ too.", "skills": [13, 5022]},
    {"title": "=HYPERLINK(\"http://example.com\",\"CSV export\") for accounting", "description": "=1+1\n+1+1\n-1+1\n@SUM(A1)\nOur export opens in a spreadsheet; cells that start like these must stay text.", "skills": [5071, 13]},
    {"title": "a" * 255, "description": "b" * 3000, "skills": [5070]},
]

LONG_SECTIONS = [
    "Receiving: consignments arrive in containers with a packing list that is never quite right. The system shows what was announced, lets two people count at the same time, and keeps every difference with a name and a photo.",
    "Storage: shelves have a row, a level and a place. A box may be moved at any time by anybody with a scanner; the system always knows where it is and where it was before.",
    "Picking: orders are grouped by route. A picker sees one line at a time, confirms with a scan, and may skip a line with a reason. Partial deliveries are normal.",
    "Returns: a returned toy is looked at, graded from A to D, and goes back on the shelf, to the outlet or to recycling. The customer's money depends on the grade.",
    "Reports: stock by value and age, slow movers, differences by supplier, work per hour without names. Each as a page and as a spreadsheet.",
    "Interfaces: the shop sends orders as JSON, the carrier wants XML, the bookkeeper a semicolon-separated file with decimal commas. Samples exist for all of them.",
    "Acceptance: we go through forty written cases together in the warehouse. Each of them has to work with gloves on.",
]
