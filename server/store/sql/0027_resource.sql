-- ---- The library: threads of kind resource, found by what is said of them.
ALTER TABLE thread ADD COLUMN source INTEGER;                          -- the post that a resource was made from
ALTER TABLE post ADD COLUMN is_version INTEGER NOT NULL DEFAULT 0;     -- of a resource: its file follows on the one before
CREATE INDEX post_is_version ON post(thread, id) WHERE is_version;

-- What resources are about: a tree of two levels. The seed is what a hub begins with; entries change theme alone.
CREATE TABLE theme_seed(
    slug   TEXT PRIMARY KEY,
    parent TEXT,
    place  INTEGER NOT NULL,               -- in which order they are told
    names  TEXT NOT NULL                   -- JSON: {language: name}
) STRICT, WITHOUT ROWID;
CREATE TABLE theme(
    slug    TEXT PRIMARY KEY,
    parent  TEXT,
    place   INTEGER NOT NULL,
    names   TEXT NOT NULL,
    retired INTEGER NOT NULL DEFAULT 0     -- given to no resource any more
) STRICT, WITHOUT ROWID;
CREATE INDEX theme_parent ON theme(parent);

-- ---- Derived: a row for each thread of kind resource that was not merged into another.
CREATE TABLE resource(
    thread   INTEGER PRIMARY KEY REFERENCES thread(id) DEFERRABLE INITIALLY DEFERRED,
    room     INTEGER NOT NULL,
    post     INTEGER,                      -- of the newest version that all may see, or NULL
    versions INTEGER NOT NULL,             -- how many of them there are
    type     TEXT NOT NULL,
    listed   INTEGER NOT NULL              -- 0: archived
) STRICT;
-- By what it is found: a letter for what it is, and the value. '*' all, r region, o room, t theme or its parent, l language,
-- y year, c city, n country, k type.
CREATE TABLE resource_key(
    key    TEXT NOT NULL,
    thread INTEGER NOT NULL,
    PRIMARY KEY (key, thread)
) STRICT, WITHOUT ROWID;
CREATE INDEX resource_key_thread ON resource_key(thread, key);
-- How many there are in a room.
CREATE TABLE resource_count(
    key  TEXT NOT NULL,
    room INTEGER NOT NULL,
    n    INTEGER NOT NULL,
    PRIMARY KEY (key, room)
) STRICT, WITHOUT ROWID;

INSERT INTO theme_seed(slug, parent, place, names) VALUES
    ('public-transport', NULL, 1, '{"en":"Public transport","fr":"Transport public","es":"Transporte público","pt":"Transporte público"}'),
    ('brt', 'public-transport', 2, '{"en":"Bus rapid transit (BRT)","fr":"Bus à haut niveau de service (BHNS, BRT)","es":"Autobuses de tránsito rápido (BRT)","pt":"Transporte rápido por ônibus (BRT)"}'),
    ('bus-services', 'public-transport', 3, '{"en":"City bus services","fr":"Réseaux de bus urbains","es":"Autobuses urbanos","pt":"Ônibus urbanos"}'),
    ('rail', 'public-transport', 4, '{"en":"Metro, tram and rail","fr":"Métro, tramway et train","es":"Metro, tranvía y tren","pt":"Metrô, VLT e trem"}'),
    ('cable-cars', 'public-transport', 5, '{"en":"Urban cable cars","fr":"Téléphériques urbains","es":"Teleféricos urbanos","pt":"Teleféricos urbanos"}'),
    ('paratransit', 'public-transport', 6, '{"en":"Paratransit and minibus reform","fr":"Transport artisanal et réforme des minibus","es":"Transporte informal y reforma de los minibuses","pt":"Transporte informal e reforma das vans"}'),
    ('fares', 'public-transport', 7, '{"en":"Fares and integration","fr":"Tarification et intégration","es":"Tarifas e integración","pt":"Tarifas e integração"}'),
    ('service-quality', 'public-transport', 8, '{"en":"Service quality and passengers","fr":"Qualité de service et usagers","es":"Calidad del servicio y usuarios","pt":"Qualidade do serviço e passageiros"}'),
    ('active-mobility', NULL, 9, '{"en":"Walking and cycling","fr":"Marche et vélo","es":"Caminata y bicicleta","pt":"Caminhada e bicicleta"}'),
    ('walking', 'active-mobility', 10, '{"en":"Walking","fr":"Marche","es":"Caminata","pt":"Caminhada"}'),
    ('cycling', 'active-mobility', 11, '{"en":"Cycling","fr":"Vélo","es":"Bicicleta","pt":"Bicicleta"}'),
    ('bike-share', 'active-mobility', 12, '{"en":"Shared bicycles","fr":"Vélos en libre-service","es":"Bicicletas públicas","pt":"Bicicletas compartilhadas"}'),
    ('public-space', 'active-mobility', 13, '{"en":"Public space and street design","fr":"Espace public et conception des rues","es":"Espacio público y diseño de calles","pt":"Espaço público e desenho de ruas"}'),
    ('road-safety', NULL, 14, '{"en":"Road safety","fr":"Sécurité routière","es":"Seguridad vial","pt":"Segurança viária"}'),
    ('speed', 'road-safety', 15, '{"en":"Speed management","fr":"Maîtrise de la vitesse","es":"Gestión de la velocidad","pt":"Gestão da velocidade"}'),
    ('school-routes', 'road-safety', 16, '{"en":"Safe routes to school","fr":"Trajets scolaires sûrs","es":"Caminos escolares seguros","pt":"Caminhos escolares seguros"}'),
    ('crash-data', 'road-safety', 17, '{"en":"Crash data","fr":"Données d''accidents","es":"Datos de siniestros","pt":"Dados de sinistros"}'),
    ('motorcycles', 'road-safety', 18, '{"en":"Motorcycles and mototaxis","fr":"Deux-roues motorisés et mototaxis","es":"Motocicletas y mototaxis","pt":"Motocicletas e mototáxis"}'),
    ('traffic', NULL, 19, '{"en":"Traffic, parking and kerb","fr":"Circulation, stationnement et bordure","es":"Tráfico, estacionamiento y bordillo","pt":"Trânsito, estacionamento e meio-fio"}'),
    ('parking', 'traffic', 20, '{"en":"Parking","fr":"Stationnement","es":"Estacionamiento","pt":"Estacionamento"}'),
    ('kerb', 'traffic', 21, '{"en":"Kerb management","fr":"Gestion de la bordure de trottoir","es":"Gestión del bordillo","pt":"Gestão do meio-fio"}'),
    ('traffic-management', 'traffic', 22, '{"en":"Traffic management","fr":"Gestion de la circulation","es":"Gestión del tráfico","pt":"Gestão do trânsito"}'),
    ('demand-management', 'traffic', 23, '{"en":"Low-emission zones and road pricing","fr":"Zones à faibles émissions et péage urbain","es":"Zonas de bajas emisiones y cobro por congestión","pt":"Zonas de baixa emissão e pedágio urbano"}'),
    ('freight', NULL, 24, '{"en":"Urban freight","fr":"Logistique urbaine","es":"Logística urbana","pt":"Logística urbana"}'),
    ('last-mile', 'freight', 25, '{"en":"Last-mile deliveries","fr":"Livraison du dernier kilomètre","es":"Entregas de última milla","pt":"Entregas de última milha"}'),
    ('freight-rules', 'freight', 26, '{"en":"Delivery rules and areas","fr":"Règles et aires de livraison","es":"Normas y zonas de carga y descarga","pt":"Regras e áreas de carga e descarga"}'),
    ('electric', NULL, 27, '{"en":"Electric mobility","fr":"Mobilité électrique","es":"Movilidad eléctrica","pt":"Mobilidade elétrica"}'),
    ('electric-buses', 'electric', 28, '{"en":"Electric buses and fleets","fr":"Bus et flottes électriques","es":"Autobuses y flotas eléctricas","pt":"Ônibus e frotas elétricas"}'),
    ('electric-two-three-wheelers', 'electric', 29, '{"en":"Electric two- and three-wheelers","fr":"Deux et trois-roues électriques","es":"Dos y tres ruedas eléctricos","pt":"Veículos elétricos de duas e três rodas"}'),
    ('charging', 'electric', 30, '{"en":"Charging and grid","fr":"Recharge et réseau électrique","es":"Recarga y red eléctrica","pt":"Recarga e rede elétrica"}'),
    ('climate', NULL, 31, '{"en":"Climate and air","fr":"Climat et air","es":"Clima y aire","pt":"Clima e ar"}'),
    ('air-quality', 'climate', 32, '{"en":"Air quality","fr":"Qualité de l''air","es":"Calidad del aire","pt":"Qualidade do ar"}'),
    ('emissions', 'climate', 33, '{"en":"Greenhouse gas emissions and MRV","fr":"Émissions de gaz à effet de serre et MRV","es":"Emisiones de gases de efecto invernadero y MRV","pt":"Emissões de gases de efeito estufa e MRV"}'),
    ('resilience', 'climate', 34, '{"en":"Adaptation and resilience","fr":"Adaptation et résilience","es":"Adaptación y resiliencia","pt":"Adaptação e resiliência"}'),
    ('planning', NULL, 35, '{"en":"Planning","fr":"Planification","es":"Planificación","pt":"Planejamento"}'),
    ('sump', 'planning', 36, '{"en":"Sustainable urban mobility plans (SUMP)","fr":"Plans de mobilité urbaine soutenable (PMUS)","es":"Planes de movilidad urbana sostenible (PMUS)","pt":"Planos de mobilidade urbana sustentável (PMUS)"}'),
    ('national-policy', 'planning', 37, '{"en":"National urban mobility policies (NUMP)","fr":"Politiques nationales de mobilité urbaine (PNMU)","es":"Políticas nacionales de movilidad urbana (PNMU)","pt":"Políticas nacionais de mobilidade urbana (PNMU)"}'),
    ('land-use', 'planning', 38, '{"en":"Land use and transit-oriented development","fr":"Urbanisme et développement orienté vers le transport","es":"Usos del suelo y desarrollo orientado al transporte","pt":"Uso do solo e desenvolvimento orientado ao transporte"}'),
    ('participation', 'planning', 39, '{"en":"Participation","fr":"Participation citoyenne","es":"Participación ciudadana","pt":"Participação cidadã"}'),
    ('monitoring', 'planning', 40, '{"en":"Monitoring and indicators","fr":"Suivi et indicateurs","es":"Seguimiento e indicadores","pt":"Monitoramento e indicadores"}'),
    ('governance', NULL, 41, '{"en":"Governance","fr":"Gouvernance","es":"Gobernanza","pt":"Governança"}'),
    ('transport-authorities', 'governance', 42, '{"en":"Transport authorities","fr":"Autorités organisatrices","es":"Autoridades de transporte","pt":"Autoridades de transporte"}'),
    ('contracts', 'governance', 43, '{"en":"Contracts and procurement","fr":"Contrats et marchés publics","es":"Contratos y adquisiciones","pt":"Contratos e licitações"}'),
    ('law', 'governance', 44, '{"en":"Laws and regulation","fr":"Lois et réglementation","es":"Leyes y regulación","pt":"Leis e regulação"}'),
    ('capacity', 'governance', 45, '{"en":"Training and capacity","fr":"Formation et renforcement des capacités","es":"Formación y fortalecimiento de capacidades","pt":"Formação e capacitação"}'),
    ('finance', NULL, 46, '{"en":"Finance","fr":"Financement","es":"Financiamiento","pt":"Financiamento"}'),
    ('operating-funding', 'finance', 47, '{"en":"Funding of operations","fr":"Financement de l''exploitation","es":"Financiación de la operación","pt":"Custeio da operação"}'),
    ('investment', 'finance', 48, '{"en":"Investment and climate finance","fr":"Investissement et finance climat","es":"Inversión y financiamiento climático","pt":"Investimento e financiamento climático"}'),
    ('value-capture', 'finance', 49, '{"en":"Land value capture","fr":"Captation des plus-values foncières","es":"Captura de plusvalías","pt":"Captura de mais-valia"}'),
    ('inclusion', NULL, 50, '{"en":"Gender, access and inclusion","fr":"Genre, accessibilité et inclusion","es":"Género, accesibilidad e inclusión","pt":"Gênero, acessibilidade e inclusão"}'),
    ('gender', 'inclusion', 51, '{"en":"Gender and safety of women","fr":"Genre et sécurité des femmes","es":"Género y seguridad de las mujeres","pt":"Gênero e segurança das mulheres"}'),
    ('accessibility', 'inclusion', 52, '{"en":"Accessibility for all","fr":"Accessibilité pour tous","es":"Accesibilidad universal","pt":"Acessibilidade universal"}'),
    ('informal-settlements', 'inclusion', 53, '{"en":"Informal settlements","fr":"Quartiers précaires","es":"Asentamientos informales","pt":"Assentamentos informais"}'),
    ('children', 'inclusion', 54, '{"en":"Children and young people","fr":"Enfants et jeunes","es":"Infancia y juventud","pt":"Crianças e jovens"}'),
    ('data', NULL, 55, '{"en":"Data and digital","fr":"Données et numérique","es":"Datos y digital","pt":"Dados e digital"}'),
    ('gis', 'data', 56, '{"en":"Maps and GIS","fr":"Cartes et SIG","es":"Mapas y SIG","pt":"Mapas e SIG"}'),
    ('gtfs', 'data', 57, '{"en":"Route mapping and GTFS","fr":"Cartographie des lignes et GTFS","es":"Mapeo de rutas y GTFS","pt":"Mapeamento de linhas e GTFS"}'),
    ('surveys', 'data', 58, '{"en":"Surveys and modelling","fr":"Enquêtes et modélisation","es":"Encuestas y modelación","pt":"Pesquisas e modelagem"}'),
    ('ticketing', 'data', 59, '{"en":"Digital ticketing and MaaS","fr":"Billettique et MaaS","es":"Boletaje digital y MaaS","pt":"Bilhetagem digital e MaaS"}');
INSERT INTO theme(slug, parent, place, names) SELECT slug, parent, place, names FROM theme_seed;

INSERT INTO resource(thread, room, post, versions, type, listed)
    SELECT id, room, post, post IS NOT NULL, CASE WHEN post IS NOT NULL THEN
        resource_type((SELECT json_extract(files, '$[0].type') FROM post AS f WHERE f.id = x.post))
        WHEN json_extract(fields, '$.url') IS NOT NULL THEN 'link' ELSE 'other' END, NOT is_archived
    FROM (SELECT t.*, (SELECT p.id FROM post AS p WHERE p.id = (SELECT min(id) FROM post WHERE thread = t.id)
        AND p.by = t.by AND p.files IS NOT NULL AND NOT EXISTS (SELECT 1 FROM hidden AS h WHERE h.post = p.id)) AS post
        FROM thread AS t WHERE t.kind = 4 AND t.merged_into IS NULL) AS x;
INSERT OR IGNORE INTO resource_key(key, thread)
    SELECT '*', s.thread FROM resource AS s WHERE s.listed
    UNION ALL SELECT 'r' || r.region, s.thread FROM resource AS s JOIN room AS r ON r.id = s.room WHERE s.listed
    UNION ALL SELECT 'o' || s.room, s.thread FROM resource AS s WHERE s.listed
    UNION ALL SELECT 'k' || s.type, s.thread FROM resource AS s WHERE s.listed
    UNION ALL SELECT 'y' || json_extract(t.fields, '$.year'), t.id FROM resource AS s JOIN thread AS t ON t.id = s.thread
        WHERE s.listed AND json_extract(t.fields, '$.year') IS NOT NULL
    UNION ALL SELECT 'c' || fold_of(json_extract(t.fields, '$.city')), t.id FROM resource AS s JOIN thread AS t ON t.id = s.thread
        WHERE s.listed AND json_extract(t.fields, '$.city') IS NOT NULL
    UNION ALL SELECT 'l' || json_extract(t.fields, '$.language'), t.id FROM resource AS s JOIN thread AS t ON t.id = s.thread
        WHERE s.listed AND json_extract(t.fields, '$.language') IS NOT NULL
    UNION ALL SELECT 'l' || substr(json_extract(t.fields, '$.language'), 1, instr(json_extract(t.fields, '$.language') || '-', '-') - 1),
        t.id FROM resource AS s JOIN thread AS t ON t.id = s.thread
        WHERE s.listed AND json_extract(t.fields, '$.language') IS NOT NULL;
INSERT INTO resource_count(key, room, n) SELECT k.key, s.room, count(*) FROM resource_key AS k
    JOIN resource AS s ON s.thread = k.thread GROUP BY 1, 2;

PRAGMA user_version = 27;
