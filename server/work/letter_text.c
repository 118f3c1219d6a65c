#include "work/letter_text.h"

#define NB "\u00a0"   /* French parts some marks from words, but no line ends there */

/* Known or not: name, by, org, reason. Always there where a kind has them: code, minutes, what. Always: hub, site, link, date. */
const struct letter_words letter_words[LETTER_LANGS] = {
    {
        .lang = "en",
        .passkey = "a passkey",
        .totp = "an authenticator app",
        .recovery = "a set of recovery codes",
        .password = "a password",
        .site = "an account at another site",
        .address = "an e-mail address",
        .other = "another way to sign in",
        .end = "This message was sent automatically; nobody reads replies to it.",
        .text = {
            [MAIL_CODE] = {
                "{code} is your code for {hub}",
                "Hello {name},|Hello,\n\n"
                "your code to sign in to {hub}:\n{code}\n\n"
                "It works once, within {minutes} minutes. Type it where you asked for it, or open this page in the same "
                "browser:\n{link}\n\n"
                "You did not ask for a code? Then ignore this message: nobody gets in without it. Never give it to anybody; "
                "we will not ask you for it.",
            },
            [MAIL_INVITE] = {
                "{by} invites you to {hub}|You are invited to {hub}",
                "Hello,\n\n"
                "{by} invites you to {hub}, for {org}.|{by} invites you to {hub}.|You are invited to {hub}, for {org}.|You are "
                "invited to {hub}.\n\n"
                "To accept, open this page:\n{link}\n\n"
                "This does not concern you? Then ignore this message: nothing happens unless you accept.",
            },
            [MAIL_REQUEST_RECEIVED] = {
                "Your request to join {hub}",
                "Hello,\n\n"
                "your request to join {hub} for {org} has arrived.|your request to join {hub} has arrived.\n\n"
                "Those who run it will look at it and answer to this address. There is nothing to do until then.\n\n"
                "You did not ask to join? Then ignore this message.",
            },
            [MAIL_REQUEST_APPROVED] = {
                "Welcome to {hub}",
                "Hello {name},|Hello,\n\n"
                "your request to join {hub} for {org} was approved.|your request to join {hub} was approved.\n\n"
                "Come in here:\n{link}",
            },
            [MAIL_REQUEST_REFUSED] = {
                "Your request to join {hub}",
                "Hello,\n\n"
                "your request to join {hub} for {org} was not approved.|your request to join {hub} was not approved.\n\n"
                "The reason that was given:\n{reason}",
            },
            [MAIL_FACTOR_ADDED] = {
                "New way to sign in to {hub}: {what}",
                "Hello {name},|Hello,\n\n"
                "your account at {hub} has a new way to sign in: {what}, added on {date}.\n\n"
                "If that was you, all is well. If not, somebody else may be in your account: sign in, end all other sessions, "
                "remove what you did not add, and tell those who run {hub}.\n{site}/",
            },
            [MAIL_FACTOR_REMOVED] = {
                "Way to sign in to {hub} removed: {what}",
                "Hello {name},|Hello,\n\n"
                "a way to sign in to your account at {hub} was removed: {what}, on {date}.\n\n"
                "If that was you, all is well. If not, somebody else may be in your account: sign in, end all other sessions, "
                "and tell those who run {hub}.\n{site}/",
            },
            [MAIL_PASSWORD_CHANGED] = {
                "Your password for {hub} was changed",
                "Hello {name},|Hello,\n\n"
                "the password of your account at {hub} was changed on {date}.\n\n"
                "If that was you, all is well. If not, somebody else may be in your account: sign in with a code by mail, end all other "
                "sessions, set a new password, and tell those who run {hub}.\n{site}/",
            },
            [MAIL_ERASED] = {
                "Your account at {hub} is deleted",
                "Hello,\n\n"
                "your account at {hub} was deleted on {date}. This is the last message to this address.",
            },
            [MAIL_TEST] = {
                "Test message from {hub}",
                "Hello,\n\n"
                "this is a test. You can read it, so {hub} can send mail.",
            },
            [MAIL_TOKEN_MADE] = {
                "New token for a program at {hub}",
                "Hello {name},|Hello,\n\n"
                "a token was made for your account at {hub} on {date}. A program that has it acts in your name, as far as it was "
                "allowed to.\n\n"
                "If that was you, or those who run {hub} for you, all is well. If not, somebody else may be in your account: sign in, "
                "take back the token, end all other sessions, and tell those who run {hub}.\n{site}/",
            },
        },
    },
    {
        .lang = "fr",
        .passkey = "une clé d’accès (passkey)",
        .totp = "une application d’authentification",
        .recovery = "une série de codes de secours",
        .password = "un mot de passe",
        .site = "un compte sur un autre site",
        .address = "une adresse e-mail",
        .other = "un autre moyen de connexion",
        .end = "Ce message a été envoyé automatiquement" NB "; personne ne lit les réponses.",
        .text = {
            [MAIL_CODE] = {
                "{code} est votre code pour {hub}",
                "Bonjour {name},|Bonjour,\n\n"
                "Votre code de connexion à {hub}" NB ":\n{code}\n\n"
                "Il fonctionne une seule fois, pendant {minutes} minutes. Saisissez-le là où vous l’avez demandé, ou ouvrez "
                "cette page "
                "dans le même navigateur" NB ":\n{link}\n\n"
                "Vous n’avez pas demandé de code" NB "? Ignorez ce message" NB ": sans le code, personne n’entre. Ne le donnez à "
                "personne" NB "; nous ne vous le demanderons jamais.",
            },
            [MAIL_INVITE] = {
                "{by} vous invite sur {hub}|Vous êtes invité(e) sur {hub}",
                "Bonjour,\n\n"
                "{by} vous invite à rejoindre {hub}, pour {org}.|{by} vous invite à rejoindre {hub}.|"
                "Vous êtes invité(e) à rejoindre {hub}, pour {org}.|Vous êtes invité(e) à rejoindre {hub}.\n\n"
                "Pour accepter, ouvrez cette page" NB ":\n{link}\n\n"
                "Cela ne vous concerne pas" NB "? Ignorez ce message" NB ": rien ne se passe tant que vous n’acceptez pas.",
            },
            [MAIL_REQUEST_RECEIVED] = {
                "Votre demande pour rejoindre {hub}",
                "Bonjour,\n\n"
                "Votre demande pour rejoindre {hub}, pour {org}, est bien arrivée.|Votre demande pour rejoindre {hub} est bien "
                "arrivée.\n\n"
                "L’équipe va l’examiner et vous répondra à cette adresse. D’ici là, vous n’avez rien à faire.\n\n"
                "Vous n’avez rien demandé" NB "? Ignorez ce message.",
            },
            [MAIL_REQUEST_APPROVED] = {
                "Bienvenue sur {hub}",
                "Bonjour {name},|Bonjour,\n\n"
                "Votre demande pour rejoindre {hub}, pour {org}, a été acceptée.|Votre demande pour rejoindre {hub} a été "
                "acceptée.\n\n"
                "Entrez par ici" NB ":\n{link}",
            },
            [MAIL_REQUEST_REFUSED] = {
                "Votre demande pour rejoindre {hub}",
                "Bonjour,\n\n"
                "Votre demande pour rejoindre {hub}, pour {org}, n’a pas été acceptée.|"
                "Votre demande pour rejoindre {hub} n’a pas été acceptée.\n\n"
                "La raison indiquée" NB ":\n{reason}",
            },
            [MAIL_FACTOR_ADDED] = {
                "Nouveau moyen de connexion à {hub}" NB ": {what}",
                "Bonjour {name},|Bonjour,\n\n"
                "Votre compte sur {hub} a un nouveau moyen de connexion" NB ": {what}, ajouté le {date}.\n\n"
                "Si c’était vous, tout va bien. Sinon, quelqu’un d’autre est peut-être dans votre compte" NB ": "
                "connectez-vous, fermez toutes "
                "les autres sessions, retirez ce que vous n’avez pas ajouté et prévenez l’équipe de {hub}.\n{site}/",
            },
            [MAIL_FACTOR_REMOVED] = {
                "Moyen de connexion à {hub} retiré" NB ": {what}",
                "Bonjour {name},|Bonjour,\n\n"
                "Un moyen de connexion à votre compte sur {hub} a été retiré" NB ": {what}, le {date}.\n\n"
                "Si c’était vous, tout va bien. Sinon, quelqu’un d’autre est peut-être dans votre compte" NB ": "
                "connectez-vous, fermez toutes "
                "les autres sessions et prévenez l’équipe de {hub}.\n{site}/",
            },
            [MAIL_PASSWORD_CHANGED] = {
                "Votre mot de passe pour {hub} a été changé",
                "Bonjour {name},|Bonjour,\n\n"
                "Le mot de passe de votre compte sur {hub} a été changé le {date}.\n\n"
                "Si c’était vous, tout va bien. Sinon, quelqu’un d’autre est peut-être dans votre compte" NB ": "
                "connectez-vous avec un code "
                "reçu par e-mail, fermez toutes les autres sessions, choisissez un nouveau mot de passe et prévenez l’équipe de "
                "{hub}.\n{site}/",
            },
            [MAIL_ERASED] = {
                "Votre compte sur {hub} est supprimé",
                "Bonjour,\n\n"
                "Votre compte sur {hub} a été supprimé le {date}. Ceci est le dernier message envoyé à cette adresse.",
            },
            [MAIL_TEST] = {
                "Message d’essai de {hub}",
                "Bonjour,\n\n"
                "Ceci est un essai. Si vous le lisez, {hub} peut envoyer des e-mails.",
            },
            [MAIL_TOKEN_MADE] = {
                "Nouveau jeton pour un programme sur {hub}",
                "Bonjour {name},|Bonjour,\n\n"
                "Un jeton a été créé pour votre compte sur {hub} le {date}. Le programme qui le possède agit en votre nom, dans la "
                "limite de ce qui lui est permis.\n\n"
                "Si c’était vous, ou l’équipe de {hub} pour vous, tout va bien. Sinon, quelqu’un d’autre est peut-être dans "
                "votre compte" NB ": connectez-vous, retirez ce jeton, fermez toutes les autres sessions et prévenez l’équipe de "
                "{hub}.\n{site}/",
            },
        },
    },
    {
        .lang = "es",
        .passkey = "una llave de acceso (passkey)",
        .totp = "una aplicación de autenticación",
        .recovery = "una serie de códigos de recuperación",
        .password = "una contraseña",
        .site = "una cuenta de otro sitio",
        .address = "una dirección de correo",
        .other = "otra forma de entrar",
        .end = "Este mensaje se envió automáticamente; nadie lee las respuestas.",
        .text = {
            [MAIL_CODE] = {
                "{code} es su código para {hub}",
                "Hola, {name}:|Hola:\n\n"
                "Su código para entrar en {hub}:\n{code}\n\n"
                "Sirve una sola vez, durante {minutes} minutos. Escríbalo donde lo pidió, o abra esta página en el mismo "
                "navegador:\n{link}\n\n"
                "¿No pidió ningún código? Ignore este mensaje: sin el código nadie puede entrar. No se lo dé a nadie; "
                "nosotros nunca se lo pediremos.",
            },
            [MAIL_INVITE] = {
                "{by} le invita a {hub}|Tiene una invitación a {hub}",
                "Hola:\n\n"
                "{by} le invita a {hub}, por {org}.|{by} le invita a {hub}.|Tiene una invitación a {hub}, por {org}.|Tiene una "
                "invitación a {hub}.\n\n"
                "Para aceptarla, abra esta página:\n{link}\n\n"
                "¿No tiene que ver con usted? Ignore este mensaje: no pasa nada mientras no acepte.",
            },
            [MAIL_REQUEST_RECEIVED] = {
                "Su solicitud para unirse a {hub}",
                "Hola:\n\n"
                "Hemos recibido su solicitud para unirse a {hub} por {org}.|Hemos recibido su solicitud para unirse a {hub}.\n\n"
                "El equipo la revisará y le responderá a esta dirección. Hasta entonces no tiene que hacer nada.\n\n"
                "¿No solicitó nada? Ignore este mensaje.",
            },
            [MAIL_REQUEST_APPROVED] = {
                "Le damos la bienvenida a {hub}",
                "Hola, {name}:|Hola:\n\n"
                "Su solicitud para unirse a {hub} por {org} fue aprobada.|Su solicitud para unirse a {hub} fue aprobada.\n\n"
                "Entre por aquí:\n{link}",
            },
            [MAIL_REQUEST_REFUSED] = {
                "Su solicitud para unirse a {hub}",
                "Hola:\n\n"
                "Su solicitud para unirse a {hub} por {org} no fue aprobada.|Su solicitud para unirse a {hub} no fue aprobada.\n\n"
                "El motivo indicado:\n{reason}",
            },
            [MAIL_FACTOR_ADDED] = {
                "Nueva forma de entrar en {hub}: {what}",
                "Hola, {name}:|Hola:\n\n"
                "Su cuenta en {hub} tiene una nueva forma de entrar: {what}, desde el {date}.\n\n"
                "Si fue usted, todo está bien. Si no, puede que otra persona esté en su cuenta: entre, cierre todas las demás "
                "sesiones, "
                "quite lo que usted no añadió y avise al equipo de {hub}.\n{site}/",
            },
            [MAIL_FACTOR_REMOVED] = {
                "Se quitó una forma de entrar en {hub}: {what}",
                "Hola, {name}:|Hola:\n\n"
                "Se quitó una forma de entrar en su cuenta en {hub}: {what}, el {date}.\n\n"
                "Si fue usted, todo está bien. Si no, puede que otra persona esté en su cuenta: entre, cierre todas las demás "
                "sesiones "
                "y avise al equipo de {hub}.\n{site}/",
            },
            [MAIL_PASSWORD_CHANGED] = {
                "Se cambió su contraseña de {hub}",
                "Hola, {name}:|Hola:\n\n"
                "La contraseña de su cuenta en {hub} se cambió el {date}.\n\n"
                "Si fue usted, todo está bien. Si no, puede que otra persona esté en su cuenta: entre con un código por correo, "
                "cierre todas "
                "las demás sesiones, ponga otra contraseña y avise al equipo de {hub}.\n{site}/",
            },
            [MAIL_ERASED] = {
                "Su cuenta en {hub} está eliminada",
                "Hola:\n\n"
                "Su cuenta en {hub} se eliminó el {date}. Este es el último mensaje a esta dirección.",
            },
            [MAIL_TEST] = {
                "Mensaje de prueba de {hub}",
                "Hola:\n\n"
                "Esto es una prueba. Si la está leyendo, {hub} puede enviar correo.",
            },
            [MAIL_TOKEN_MADE] = {
                "Nuevo token para un programa en {hub}",
                "Hola, {name}:|Hola:\n\n"
                "Se creó un token para su cuenta en {hub} el {date}. El programa que lo tenga actúa en su nombre, hasta donde se le "
                "permitió.\n\n"
                "Si fue usted, o el equipo de {hub} por usted, todo está bien. Si no, puede que otra persona esté en su cuenta: entre, "
                "retire ese token, cierre todas las demás sesiones y avise al equipo de {hub}.\n{site}/",
            },
        },
    },
    {
        .lang = "pt",
        .passkey = "uma chave de acesso (passkey)",
        .totp = "um aplicativo de autenticação",
        .recovery = "uma série de códigos de recuperação",
        .password = "uma senha",
        .site = "uma conta de outro site",
        .address = "um endereço de e-mail",
        .other = "outra forma de entrar",
        .end = "Esta mensagem foi enviada automaticamente; ninguém lê as respostas.",
        .text = {
            [MAIL_CODE] = {
                "{code} é o seu código para {hub}",
                "Olá, {name},|Olá,\n\n"
                "O seu código para entrar em {hub}:\n{code}\n\n"
                "Funciona uma única vez, durante {minutes} minutos. Digite-o onde o pediu, ou abra esta página no mesmo "
                "navegador:\n{link}\n\n"
                "Não pediu um código? Ignore esta mensagem: sem o código ninguém entra. Não o passe a ninguém; "
                "nós nunca vamos pedi-lo a você.",
            },
            [MAIL_INVITE] = {
                "{by} convida você para {hub}|Você tem um convite para {hub}",
                "Olá,\n\n"
                "{by} convida você para {hub}, por {org}.|{by} convida você para {hub}.|Você tem um convite para {hub}, por {org}.|"
                "Você tem um convite para {hub}.\n\n"
                "Para aceitar, abra esta página:\n{link}\n\n"
                "Não é com você? Ignore esta mensagem: nada acontece enquanto você não aceitar.",
            },
            [MAIL_REQUEST_RECEIVED] = {
                "O seu pedido para entrar em {hub}",
                "Olá,\n\n"
                "Recebemos o seu pedido para entrar em {hub} por {org}.|Recebemos o seu pedido para entrar em {hub}.\n\n"
                "A equipe vai examiná-lo e responder a este endereço. Até lá, não é preciso fazer nada.\n\n"
                "Não pediu nada? Ignore esta mensagem.",
            },
            [MAIL_REQUEST_APPROVED] = {
                "Boas-vindas a {hub}",
                "Olá, {name},|Olá,\n\n"
                "O seu pedido para entrar em {hub} por {org} foi aprovado.|O seu pedido para entrar em {hub} foi aprovado.\n\n"
                "Entre por aqui:\n{link}",
            },
            [MAIL_REQUEST_REFUSED] = {
                "O seu pedido para entrar em {hub}",
                "Olá,\n\n"
                "O seu pedido para entrar em {hub} por {org} não foi aprovado.|O seu pedido para entrar em {hub} não foi aprovado.\n\n"
                "O motivo informado:\n{reason}",
            },
            [MAIL_FACTOR_ADDED] = {
                "Nova forma de entrar em {hub}: {what}",
                "Olá, {name},|Olá,\n\n"
                "A sua conta em {hub} tem uma nova forma de entrar: {what}, desde {date}.\n\n"
                "Se foi você, está tudo bem. Se não, talvez outra pessoa esteja na sua conta: entre, encerre todas as outras "
                "sessões, "
                "remova o que você não adicionou e avise a equipe de {hub}.\n{site}/",
            },
            [MAIL_FACTOR_REMOVED] = {
                "Forma de entrar em {hub} removida: {what}",
                "Olá, {name},|Olá,\n\n"
                "Uma forma de entrar na sua conta em {hub} foi removida: {what}, em {date}.\n\n"
                "Se foi você, está tudo bem. Se não, talvez outra pessoa esteja na sua conta: entre, encerre todas as outras sessões "
                "e avise a equipe de {hub}.\n{site}/",
            },
            [MAIL_PASSWORD_CHANGED] = {
                "A sua senha de {hub} foi alterada",
                "Olá, {name},|Olá,\n\n"
                "A senha da sua conta em {hub} foi alterada em {date}.\n\n"
                "Se foi você, está tudo bem. Se não, talvez outra pessoa esteja na sua conta: entre com um código por e-mail, "
                "encerre todas "
                "as outras sessões, defina outra senha e avise a equipe de {hub}.\n{site}/",
            },
            [MAIL_ERASED] = {
                "A sua conta em {hub} foi excluída",
                "Olá,\n\n"
                "A sua conta em {hub} foi excluída em {date}. Esta é a última mensagem a este endereço.",
            },
            [MAIL_TEST] = {
                "Mensagem de teste de {hub}",
                "Olá,\n\n"
                "Isto é um teste. Se você o lê, {hub} consegue enviar e-mails.",
            },
            [MAIL_TOKEN_MADE] = {
                "Novo token para um programa em {hub}",
                "Olá, {name},|Olá,\n\n"
                "Um token foi criado para a sua conta em {hub} em {date}. O programa que o tiver age em seu nome, até onde lhe foi "
                "permitido.\n\n"
                "Se foi você, ou a equipe de {hub} por você, está tudo bem. Se não, talvez outra pessoa esteja na sua conta: entre, "
                "retire esse token, encerre todas as outras sessões e avise a equipe de {hub}.\n{site}/",
            },
        },
    },
};
